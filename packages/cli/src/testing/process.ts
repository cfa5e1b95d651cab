import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ROOT } from '@touchstone/local-stack';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

export type Finished = { code: number | null; stdout: string; stderr: string };
export type Running = {
  child: ChildProcess;
  /** Resolves with the first line of standard error that matches; rejects where the process ends without one. */
  line: (pattern: RegExp) => Promise<string>;
  finished: Promise<Finished>;
};

/** Starts the command line as a person does, in a process of its own. */
export function start(
  args: string[],
  { home, cwd = ROOT, stdin = '' }: { home: string; cwd?: string; stdin?: string },
): Running {
  const env = { ...process.env, TOUCHSTONE_HOME: home, TOUCHSTONE_URL: '', TOUCHSTONE_API_KEY: '', NO_COLOR: '1' };
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env, stdio: 'pipe' });
  child.stdin.end(stdin);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  const line = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      child.once('close', () => reject(new Error(`It ended without ${String(pattern)}:\n${lines.join('\n')}`)));
      const look = () => {
        const found = lines.find((one) => pattern.test(one));
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const finished = Promise.all([text(child.stdout), once(child, 'close')]).then(([stdout, [code]]) => ({
    code: code as number | null,
    stdout,
    stderr: lines.join('\n'),
  }));
  return { child, line, finished };
}
