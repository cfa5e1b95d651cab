/** bench/endpoint.mjs as a process: an OpenAI-compatible endpoint whose ledger says what it was asked. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './toolchain.ts';

export type EndpointOptions = {
  /** 0: a free one. */
  port?: number;
  latency_ms?: number;
  /** Share of prompts that always get `fail_status`. */
  fail_rate?: number;
  fail_status?: number;
  /** Every call gets this one. */
  status?: number;
  require_key?: string;
};

export type Ledger = {
  calls: number;
  in_flight: number;
  max_in_flight: number;
  answered: number;
  /** Calls by SHA-256 of the prompt. */
  prompts: Record<string, number>;
};

export type Endpoint = {
  port: number;
  base_url: string;
  ledger: () => Promise<Ledger>;
  stop: () => Promise<void>;
  /** `await using endpoint = await startEndpoint()` stops it at the end of the block. */
  [Symbol.asyncDispose]: () => Promise<void>;
};

export async function startEndpoint(options: EndpointOptions = {}): Promise<Endpoint> {
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name.replaceAll('_', '-')}`, String(value)]);
  const child = spawn(process.execPath, [join(ROOT, 'bench', 'endpoint.mjs'), ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The endpoint ended with exit code ${code}.`)));
    createInterface({ input: child.stdout }).once('line', (line) => resolve(line.replace('listening on ', '')));
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return {
    port: Number(new URL(url).port),
    base_url: `${url}/v1`,
    ledger: async () => (await fetch(`${url}/ledger`)).json() as Promise<Ledger>,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** How the ledger names a prompt. */
export function hashOf(prompt: string): string {
  return createHash('sha256').update(prompt).digest('hex');
}
