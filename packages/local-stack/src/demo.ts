/** The sample experiment of the first start: run by the command line, as a person would. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readJson, writeJson } from './home.ts';
import { markerOf } from './service.ts';
import type { Stack } from './stack.ts';
import type { Terminal } from './terminal.ts';
import { ROOT } from './toolchain.ts';

interface DemoFile {
  /** Sent with the request, so that a start that was cut short does not make a second experiment. */
  request_id: string;
  finished: boolean;
}

/** Runs the sample experiment unless an earlier start did; its progress and table go to the terminal. Rejects when Ray does not start. */
export async function runDemo(stack: Stack, { say, hold }: Terminal, signal: AbortSignal): Promise<void> {
  const file = join(stack.home.dir, 'demo.json');
  const demo = (readJson(file) as DemoFile | null) ?? { request_id: randomUUID(), finished: false };
  if (demo.finished) return;
  writeJson(file, demo);
  await stack.ready.ray;
  if (signal.aborted) return;
  say('\nThe sample experiment (examples/demo.yaml) runs now; --no-demo leaves it out.');
  const release = hold();
  const why = await runCommandLine(stack, demo.request_id, signal);
  release();
  if (signal.aborted) return;
  writeJson(file, { ...demo, finished: true });
  if (why !== 'exit code 0')
    say(`! The sample experiment did not succeed (${why}). Try it again: npx touchstone run examples/demo.yaml`);
}

function runCommandLine(stack: Stack, requestId: string, signal: AbortSignal): Promise<string> {
  const program = join(ROOT, 'packages', 'cli', 'dist', 'touchstone.mjs');
  const child = spawn(
    process.execPath,
    [program, 'run', join(ROOT, 'examples', 'demo.yaml'), '--request-id', requestId],
    {
      cwd: ROOT,
      env: { ...process.env, TOUCHSTONE_HOME: stack.home.dir, ...markerOf(stack.home.dir, 'demo') },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const onAbort = () => child.kill('SIGTERM');
  signal.addEventListener('abort', onAbort);
  return new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, killed) => resolve(killed ?? `exit code ${code}`));
  }).finally(() => signal.removeEventListener('abort', onAbort));
}
