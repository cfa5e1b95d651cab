import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '@touchstone/local-stack';

export type Ledger = {
  calls: number;
  in_flight: number;
  max_in_flight: number;
  answered: number;
  prompts: Record<string, number>;
};
export type Endpoint = { base_url: string; ledger(): Promise<Ledger>; stop(): Promise<void> };

/** Starts bench/endpoint.mjs, an OpenAI-compatible endpoint that keeps a ledger of its calls. */
export async function startEndpoint(...options: string[]): Promise<Endpoint> {
  const child = spawn(process.execPath, [join(ROOT, 'bench/endpoint.mjs'), ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const address = /http:\/\/\S+/.exec(line)![0];
  return {
    base_url: `${address}/v1`,
    ledger: async () => (await fetch(`${address}/ledger`)).json() as Promise<Ledger>,
    stop: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}
