/** A Postgres and a server of a benchmark's own, without Ray and MLflow, in a folder. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createTouchstoneClient, type TouchstoneClient } from '../packages/client/src/index.ts';
import { openKeys, startPostgres, startServer } from '../packages/local-stack/src/index.ts';

export type BenchServer = {
  url: string;
  api_key: string;
  client: TouchstoneClient;
  database_url: string;
  /** Of the server. */
  pid: number;
  stop: () => Promise<void>;
};

export async function startBenchServer(folder: string, env: Record<string, string> = {}): Promise<BenchServer> {
  const postgres = await startPostgres({ dir: join(folder, 'postgres') });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const keys = openKeys(folder, url);
  const nowhere = 'http://127.0.0.1:9';
  const server = await startServer({
    log: join(folder, 'server.log'),
    stack: folder,
    host: '127.0.0.1',
    port,
    publicUrl: url,
    databaseUrl: postgres.url,
    storageUrl: pathToFileURL(join(folder, 'storage')).href,
    ray: { url: nowhere, token: 'none' },
    mlflowUrl: nowhere,
    ...keys,
    web: 'none',
    env,
  });
  return {
    url,
    api_key: keys.apiKey,
    client: createTouchstoneClient({ url, apiKey: keys.apiKey }),
    database_url: postgres.url,
    pid: server.process.pid,
    stop: async () => {
      await server.stop();
      await postgres.stop();
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}

/** Processor time of all its threads so far. Linux counts in hundredths of a second. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The value that a share `p` of them does not exceed. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}
