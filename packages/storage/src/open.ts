import { fileURLToPath } from 'node:url';
import { StorageError } from './errors.ts';
import { createFileStorage } from './file.ts';
import type { Storage } from './storage.ts';

/** The storage of an address: `file:///an/absolute/folder`. */
export function openStorage(url: string): Storage {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol !== 'file:') {
    throw new StorageError('invalid', `"${url}" is no storage address. Use file:///an/absolute/folder.`);
  }
  if (parsed.host || parsed.search || parsed.hash || !/^file:\/\/\//i.test(url)) {
    throw new StorageError(
      'invalid',
      `"${url}" is no folder of this machine: a file address has three slashes and a path.`,
    );
  }
  return createFileStorage(fileURLToPath(parsed));
}
