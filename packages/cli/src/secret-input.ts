import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Interrupted } from './failure.ts';
import type { Terminal } from './terminal.ts';

/** A value from standard input; at a terminal one line, asked for and not echoed. */
export async function readSecret(terminal: Terminal, question: string): Promise<string> {
  if (!terminal.stdin.isTTY) return (await text(terminal.stdin)).trim();
  terminal.stderr.write(question);
  // Readline echoes into its output, which here leads nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: terminal.stdin, output: nowhere, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', (line) => resolve(line.trim()));
      lines.once('SIGINT', () => reject(new Interrupted('Nothing was stored.')));
      lines.once('close', () => resolve(''));
    });
  } finally {
    lines.close();
    terminal.stderr.write('\n');
  }
}
