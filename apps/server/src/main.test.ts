/** The server as a process, as it is started and stopped for real. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createTestDatabase, nextFreePort, type TestDatabase } from '@touchstone/local-stack';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
let database: TestDatabase;
let variables: Record<string, string>;
const api_key = `tsk_${randomBytes(32).toString('base64url')}`;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'touchstone-main-'));
  // Empty: the server itself makes its tables.
  database = await createTestDatabase();
  const file = async (name: string, content: string) => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  const port = await nextFreePort(30_000 + Math.floor(Math.random() * 10_000));
  const url = `http://127.0.0.1:${port}`;
  variables = {
    TOUCHSTONE_PORT: String(port),
    TOUCHSTONE_URL: url,
    DATABASE_URL: database.url,
    TOUCHSTONE_STORAGE_URL: pathToFileURL(join(folder, 'storage')).href,
    RAY_ADDRESS_HTTP: 'http://127.0.0.1:9',
    MLFLOW_TRACKING_URI: 'http://127.0.0.1:9/mlflow',
    TOUCHSTONE_KEY_FILE: await file('server.key', randomBytes(32).toString('base64')),
    TOUCHSTONE_JOB_PUBLIC_KEY_FILE: await file('job.key', randomBytes(32).toString('base64')),
    TOUCHSTONE_CREDENTIAL_FILE: await file('credential.json', JSON.stringify({ url, api_key })),
  };
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

function start(changed: Record<string, string> = {}): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { PATH: process.env.PATH, ...variables, ...changed },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (output += chunk));
  return { child, output: () => output };
}

test('starts without Ray, MLflow and pages, says where it listens, and stops within five seconds', async () => {
  const { child, output } = start();
  try {
    const url = variables.TOUCHSTONE_URL!;
    await expect.poll(output, { timeout: 25_000 }).toContain(`listening on ${url}\n`);
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok', version: expect.any(String) });
    const headers = { authorization: `Bearer ${api_key}` };
    expect((await fetch(`${url}/trpc/experiments.list?input={}`, { headers })).status).toBe(200);
    const events = await fetch(`${url}/trpc/events.changes`, { headers });
    expect(events.ok).toBe(true);
    const started = performance.now();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(output()).not.toContain(api_key);
    await events.body?.cancel().catch(() => {});
  } finally {
    child.kill('SIGKILL');
  }
});

test('what keeps it from starting is told in one line', async () => {
  const wrong: [Record<string, string>, RegExp][] = [
    [{ TOUCHSTONE_PORT: 'x' }, /TOUCHSTONE_PORT/],
    [{ TOUCHSTONE_KEY_FILE: join(folder, 'nowhere') }, /nowhere/],
    [{ TOUCHSTONE_CREDENTIAL_FILE: variables.TOUCHSTONE_KEY_FILE! }, /server\.key is no credential/],
  ];
  await Promise.all(
    wrong.map(async ([changed, reason]) => {
      const { child, output } = start(changed);
      expect(await once(child, 'close')).toEqual([1, null]);
      expect(output()).toMatch(reason);
      expect(output().trim().split('\n')).toHaveLength(1);
    }),
  );
});
