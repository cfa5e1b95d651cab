import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BadInput, Failure } from './failure.ts';
import type { Terminal } from './terminal.ts';

/** Writes a download to a file, which appears when it is complete, or to standard output. @throws Failure where it breaks off */
export async function saveStream(
  stream: ReadableStream<Uint8Array>,
  file: string | undefined,
  terminal: Terminal,
): Promise<void> {
  const source = Readable.fromWeb(stream);
  if (file === undefined || file === '-') {
    await pipeline(source, terminal.stdout, { end: false }).catch((error) => {
      throw brokenOff(error);
    });
    return;
  }
  const path = resolve(terminal.cwd, file);
  if (!existsSync(dirname(path))) throw new BadInput(`There is no folder ${dirname(path)}.`);
  const partial = `${path}.part`;
  try {
    await pipeline(source, createWriteStream(partial));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw brokenOff(error);
  }
}

function brokenOff(error: unknown): Failure {
  const { code, message } = error as NodeJS.ErrnoException;
  return new Failure(
    code?.startsWith('E') && !code.startsWith('ERR')
      ? `The file could not be written: ${message}`
      : `The download broke off: ${message}`,
  );
}
