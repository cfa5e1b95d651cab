import type { Readable, Writable } from 'node:stream';
import { createStyle, type Style } from './text/style.ts';

export type Output = Writable & { isTTY?: boolean; columns?: number; rows?: number };

/** Where the command line reads and writes: the process's own streams, or a test's. */
export type Terminal = {
  stdin: Readable & { isTTY?: boolean };
  stdout: Output;
  stderr: Output;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
};

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) {
    // A reader that has seen enough (`| head`) is no failure.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(0);
    });
  }
  return { stdin, stdout, stderr, env, cwd: process.cwd() };
}

export function styleOf(output: Output, env: Terminal['env']): Style {
  return createStyle(output.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb');
}

export function writeLine(output: Output, text = ''): void {
  output.write(`${text}\n`);
}

export function writeJson(output: Output, value: unknown): void {
  writeLine(output, JSON.stringify(value, null, 2));
}

/** Columns to fit a table into; no limit where it goes to a file or another program. */
export function widthOf(output: Output): number {
  return output.isTTY ? (output.columns ?? 80) : Number.POSITIVE_INFINITY;
}
