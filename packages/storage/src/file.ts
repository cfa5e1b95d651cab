import { createHash, randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fromFileError } from './errors.ts';
import {
  checkFolder,
  checkKey,
  checkPrefix,
  checkRange,
  type Storage,
  type Stored,
  TEMPORARY,
  type Written,
} from './storage.ts';

const WRITE_BYTES = 512 * 1024;

/** Keys as paths below the absolute folder `root`, which is made when first written to. */
export function createFileStorage(root: string): Storage {
  const pathOf = (key: string) => join(root, checkKey(key));

  async function writeStream(key: string, source: AsyncIterable<Uint8Array | string>): Promise<Written> {
    const path = pathOf(key);
    const temporary = join(dirname(path), `${TEMPORARY}${randomUUID()}`);
    const hash = createHash('sha256');
    let size = 0;
    const handle = await onDisk(key, () => create(temporary));
    try {
      try {
        for await (const pieces of gathered(source)) {
          for (const piece of pieces) {
            hash.update(piece);
            size += piece.byteLength;
          }
          await onDisk(key, () => writeAll(handle, pieces));
        }
      } finally {
        await onDisk(key, () => handle.close());
      }
      await onDisk(key, () => rename(temporary, path));
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
    return { size, sha256: hash.digest('hex') };
  }

  async function readRange(key: string, start: number, end = Number.MAX_SAFE_INTEGER): Promise<Buffer> {
    checkRange(key, start, end);
    const path = pathOf(key);
    return onDisk(key, async () => {
      const handle = await open(path, 'r');
      try {
        const { size } = await handle.stat();
        const buffer = Buffer.alloc(Math.max(0, Math.min(end, size) - start));
        let filled = 0;
        while (filled < buffer.length) {
          const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, start + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return buffer.subarray(0, filled);
      } finally {
        await handle.close();
      }
    });
  }

  return {
    async read(key) {
      const path = pathOf(key);
      return onDisk(key, () => readFile(path));
    },
    readRange,
    async readStream(key) {
      const path = pathOf(key);
      const handle = await onDisk(key, () => open(path, 'r'));
      if (!(await handle.stat()).isFile()) {
        await handle.close();
        throw fromFileError({ code: 'EISDIR' }, key);
      }
      return handle.createReadStream();
    },
    write: (key, data) => writeStream(key, once(data)),
    writeStream,
    list: (prefix) => list(root, checkPrefix(prefix)),
    async stat(key) {
      const path = pathOf(key);
      try {
        const found = await stat(path);
        return found.isFile() ? { size: found.size } : null;
      } catch (cause) {
        const error = fromFileError(cause, key);
        if (error.kind === 'not_found') return null;
        throw error;
      }
    },
    async remove(key) {
      const path = pathOf(key);
      await onDisk(key, () => rm(path, { force: true }));
    },
    async removePrefix(prefix) {
      checkFolder(prefix);
      const folder = join(root, prefix);
      // A job may still write there: an entry that appears meanwhile is removed on another try.
      await onDisk(prefix, () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }));
    },
    localPath: pathOf,
  };
}

/** Runs file-system calls; their errors become ours. */
async function onDisk<T>(key: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw fromFileError(cause, key);
  }
}

/** Pieces in such numbers that they are worth a write. */
async function* gathered(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array[]> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of source) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    pieces.push(bytes);
    size += bytes.byteLength;
    if (size < WRITE_BYTES) continue;
    yield pieces;
    pieces = [];
    size = 0;
  }
  if (pieces.length > 0) yield pieces;
}

async function writeAll(handle: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  const size = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  const { bytesWritten } = await handle.writev(pieces);
  // A disk that fills takes a part; what is left meets the reason.
  if (bytesWritten < size) await handle.writeFile(Buffer.concat(pieces).subarray(bytesWritten));
}

/** A new file and the folders above it. A folder removed between the two calls is made again. */
async function create(path: string): Promise<FileHandle> {
  for (let attempt = 1; ; attempt++) {
    await mkdir(dirname(path), { recursive: true });
    try {
      return await open(path, 'wx');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === 5) throw error;
    }
  }
}

async function* once<T>(value: T): AsyncIterable<T> {
  yield value;
}

/** One folder at a time, so memory is bounded by the largest. A folder sorts as its name with "/", as keys do. */
async function* list(
  root: string,
  prefix: string,
  folder = prefix.slice(0, prefix.lastIndexOf('/') + 1),
): AsyncIterable<Stored> {
  const entries = await readEntries(join(root, folder), folder);
  const keys = entries.map((entry) => ({ entry, key: `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}` }));
  keys.sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const { entry, key } of keys) {
    if (entry.name.startsWith(TEMPORARY) || !(key.startsWith(prefix) || prefix.startsWith(key))) continue;
    if (entry.isDirectory()) {
      yield* list(root, prefix, key);
    } else if (entry.isFile()) {
      const size = await sizeOf(join(root, key), key);
      if (size !== null) yield { key, size };
    }
  }
}

async function readEntries(path: string, folder: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (cause) {
    const error = fromFileError(cause, folder);
    if (error.kind === 'not_found') return [];
    throw error;
  }
}

/** Null for a file that went away since its folder was read. */
async function sizeOf(path: string, key: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    const error = fromFileError(cause, key);
    if (error.kind === 'not_found') return null;
    throw error;
  }
}
