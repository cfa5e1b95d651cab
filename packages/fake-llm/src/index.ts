/** The fake as a process of its own, which survives and outlasts whatever a test does to the rest. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LedgerContent, LedgerCounts } from './ledger.ts';
import type { SettingsInput } from './settings.ts';

export { hashOf, type LedgerContent, type LedgerCounts } from './ledger.ts';
export type { SettingsInput } from './settings.ts';

export type FakeLlmOptions = SettingsInput & {
  /** Left out: a free one. */
  port?: number;
  /** A file for the ledger, fsynced per call; left out: it is kept in memory. */
  ledger?: string;
};

export type FakeLlm = {
  port: number;
  /** Of the OpenAI- and of the Anthropic-compatible route. */
  base_url: string;
  ledger: () => Promise<LedgerContent>;
  counts: () => Promise<LedgerCounts>;
  /** Changes what calls get from now on. */
  set: (settings: SettingsInput) => Promise<void>;
  stop: () => Promise<void>;
  /** `await using endpoint = await startFakeLlm()` stops it at the end of the block. */
  [Symbol.asyncDispose]: () => Promise<void>;
};

export async function startFakeLlm(options: FakeLlmOptions = {}): Promise<FakeLlm> {
  const flags = Object.entries(options).flatMap(([name, value]) => [
    `--${name.replaceAll('_', '-')}`,
    Array.isArray(value) ? value.join('-') : String(value),
  ]);
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await addressOf(child);
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  const get = async (path: string) => (await fetch(url + path)).json();
  return {
    port: Number(new URL(url).port),
    base_url: `${url}/v1`,
    ledger: () => get('/ledger') as Promise<LedgerContent>,
    counts: () => get('/ledger?counts') as Promise<LedgerCounts>,
    set: async (settings) => {
      const answer = await fetch(`${url}/settings`, { method: 'PATCH', body: JSON.stringify(settings) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`fake-llm ended with exit code ${code}.`)));
    createInterface({ input: child.stdout! }).once('line', (line) => resolve(line.replace('listening on ', '')));
  });
}
