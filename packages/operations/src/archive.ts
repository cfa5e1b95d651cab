/** A backup as one tar file, or as a folder: the same files under the same names. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import { extract as readTar, pack as writeTar } from 'tar-stream';
import { Failure } from './failure.ts';

type Chunks = AsyncIterable<Uint8Array>;
export type Packed = { name: string; size: number; sha256: string };

/** Takes files one after another; nothing is seen under the backup's own name until `finish`. */
export type Packer = {
  /** Without a size, the file is spooled beside the backup first. */
  add(name: string, chunks: Chunks, size?: number): Promise<Packed>;
  finish(): Promise<void>;
  /** Removes what was written. */
  abort(): Promise<void>;
};

const isTar = (path: string) => path.endsWith('.tar');

/** Begins a backup under `<path>.part`, for its owner alone. @throws Failure where there is something already */
export async function openPacker(path: string): Promise<Packer> {
  if (await exists(path)) throw new Failure(`${path} is there already: name another file, or remove it.`);
  if (!(await exists(dirname(path)))) throw new Failure(`There is no folder ${dirname(path)}.`);
  const part = `${path}.part`;
  await rm(part, { recursive: true, force: true });
  return isTar(path) ? openTarPacker(path, part) : openFolderPacker(path, part);
}

function openTarPacker(path: string, part: string): Packer {
  const tar = writeTar();
  const spool = `${part}.spool`;
  const written = pipeline(tar, createWriteStream(part, { mode: 0o600, flush: true }));
  written.catch(() => {});
  return {
    async add(name, chunks, size) {
      if (size === undefined) {
        const spooled = await writeFile(spool, name, chunks);
        const packed = await this.add(name, createReadStream(spool), spooled.size);
        await rm(spool);
        return packed;
      }
      const counted = counter(name, chunks);
      const entry = tar.entry({ name, size, mode: 0o600 });
      // Where the file cannot be written, the entry would wait for ever.
      await Promise.race([pipeline(counted, entry), written.then(() => finished(entry))]);
      return counted.packed();
    },
    async finish() {
      tar.finalize();
      await written;
      await rename(part, path);
    },
    async abort() {
      tar.destroy();
      await written.catch(() => {});
      for (const file of [part, spool]) await rm(file, { force: true });
    },
  };
}

function openFolderPacker(path: string, part: string): Packer {
  return {
    add: (name, chunks) => writeFile(join(part, name), name, chunks),
    finish: () => rename(part, path),
    abort: () => rm(part, { recursive: true, force: true }),
  };
}

/** Every file of a backup, each read to its end before the next. @throws Failure where it is none, or was cut off */
export async function* readBackup(path: string): AsyncGenerator<{ name: string; chunks: Chunks }> {
  const found = await stat(path).catch(() => null);
  if (!found) throw new Failure(`There is no backup ${path}.`);
  if (found.isDirectory()) {
    for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory()) continue;
      const file = join(entry.parentPath, entry.name);
      const name = file.slice(path.length + 1).replaceAll(sep, '/');
      if (!entry.isFile()) throw new Failure(`${file} is no file: a backup has none but those.`);
      yield { name, chunks: createReadStream(file) };
    }
    return;
  }
  const tar = readTar();
  const reading = pipeline(createReadStream(path), tar);
  reading.catch(() => {});
  try {
    for await (const entry of tar) {
      if (entry.header.type !== 'file') throw new Failure(`${path} is no backup of Touchstone.`);
      yield { name: entry.header.name, chunks: readEntry(entry as unknown as Chunks, path) };
    }
    await reading;
  } catch (error) {
    throw toFailure(error, path);
  }
}

async function* readEntry(chunks: Chunks, path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw toFailure(error, path);
  }
}

/** What the reader of tar files has to say, and what the disk has. */
function toFailure(error: unknown, path: string): unknown {
  if (error instanceof Failure || (error as NodeJS.ErrnoException).code) return error;
  return new Failure(`${path} is no backup of Touchstone, or was cut off (${(error as Error).message}).`);
}

/** Writes a file and says what was written. */
export async function writeFile(path: string, name: string, chunks: Chunks): Promise<Packed> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const counted = counter(name, chunks);
  const handle = await open(path, 'w', 0o600);
  try {
    await pipeline(counted, handle.createWriteStream({ flush: true }));
  } finally {
    await handle.close().catch(() => {});
  }
  return counted.packed();
}

/** The same chunks, counted and hashed on their way. */
function counter(name: string, chunks: Chunks): Chunks & { packed(): Packed } {
  const hash = createHash('sha256');
  let size = 0;
  return {
    async *[Symbol.asyncIterator]() {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.byteLength;
        yield chunk;
      }
    },
    packed: () => ({ name, size, sha256: hash.digest('hex') }),
  };
}

export const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
