import type { Readable } from 'node:stream';
import { StorageError } from './errors.ts';

/** What was written: size in bytes and SHA-256 in hexadecimal. */
export type Written = { size: number; sha256: string };
export type Stored = { key: string; size: number };

/**
 * Bytes under keys, as in an object store: a key is there whole or not at all, and a write replaces what was there.
 * Keys come from `keys.ts`. A key that is a folder of another key (`a` and `a/b`) is not supported.
 * Every method throws `StorageError`; those that read throw `StorageNotFound` where nothing is stored.
 */
export interface Storage {
  read(key: string): Promise<Buffer>;
  /** Bytes from `start` up to, not including, `end` (default: the end). Past the end there are none: an empty buffer. */
  readRange(key: string, start: number, end?: number): Promise<Buffer>;
  /** Throws before the stream is handed out where nothing is stored. Whoever gets the stream reads it to its end or destroys it. */
  readStream(key: string): Promise<Readable>;
  write(key: string, data: Uint8Array | string): Promise<Written>;
  /** Memory is bounded by the chunk. When `source` throws, nothing is kept and its error is passed on. */
  writeStream(key: string, source: AsyncIterable<Uint8Array | string>): Promise<Written>;
  /** Keys that start with `prefix`, in the order of their characters. Keys written or removed meanwhile may be missing. */
  list(prefix: string): AsyncIterable<Stored>;
  /** Null where nothing is stored. */
  stat(key: string): Promise<{ size: number } | null>;
  /** Removing what is not there is no error. */
  remove(key: string): Promise<void>;
  /** Removes every key below `prefix`, which ends with "/", and what interrupted writes left there. */
  removePrefix(prefix: string): Promise<void>;
  /**
   * Where the driver keeps a key as a plain file of this machine: its path, for readers that want a file (DuckDB).
   * Absent on drivers that do not: download the key there. The file may not exist, and it is not to be written to.
   */
  localPath?(key: string): string;
  /**
   * An address from which a browser may read the key without credentials until it expires. Absent where browsers do not
   * reach the storage: stream it to them. Nobody looks whether the key is there.
   */
  signedUrl?(key: string, options: SignedUrlOptions): Promise<string>;
}

/** The headers are those that the answer will have. */
export type SignedUrlOptions = { expires_s: number; content_disposition: string; content_type: string };

/** Names that begin so are writes in progress: never listed, never a key's part. */
export const TEMPORARY = '.tmp-';

const KEY = /^[A-Za-z0-9._/-]+$/;

/** Throws unless this is a key: parts of letters, digits, ".", "_" and "-" between single slashes, none of them "." or "..". */
export function checkKey(key: string): string {
  const ok =
    KEY.test(key) && key.length <= 1000 && key.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!ok || key.split('/').some((part) => part.startsWith(TEMPORARY))) {
    throw new StorageError('invalid', `"${key}" is no storage key.`);
  }
  return key;
}

/** Throws unless keys can start with it; "" is the prefix of all. */
export function checkPrefix(prefix: string): string {
  if (prefix === '') return prefix;
  const folder = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  checkKey(folder);
  return prefix;
}

/** Throws unless these are the bounds of a range. */
export function checkRange(key: string, start: number, end: number): void {
  if (!(Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start)) {
    throw new StorageError('invalid', `There are no bytes ${start} to ${end} of "${key}".`);
  }
}

/** Throws unless everything below this prefix may be removed. */
export function checkFolder(prefix: string): void {
  if (!prefix.endsWith('/')) {
    throw new StorageError('invalid', `A prefix to remove ends with "/"; "${prefix}" does not.`);
  }
  checkPrefix(prefix);
}
