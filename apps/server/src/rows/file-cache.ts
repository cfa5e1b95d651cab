import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Storage } from '@touchstone/storage';

/** A query may still open a file that was asked for so long ago: it is not removed. */
const IN_USE_MS = 10 * 60_000;
/** A file that nobody asked for in so long is removed, whatever room there is: what it copies may be deleted by now. */
const KEPT_MS = 24 * 3600_000;
const TIDY_EVERY_MS = 3600_000;
/** The time of a file's last use is written no more often. */
const TOUCH_MS = 60_000;
/** A job that runs has thousands of journal segments. */
const DOWNLOADS_AT_ONCE = 32;

/** Copies of stored files in a folder of this machine; the ones used last are kept. */
export type FileCache = {
  /** The path of the file's copy, downloaded where it is not there yet. It stays for ten minutes. `version` tells contents of one key apart. */
  pathOf(key: string, version: string): Promise<string>;
  close(): void;
};

/**
 * Everything that is known about a copy is in the folder (its name, its size, its time of change is that of its last use),
 * so it outlives a restart, and servers on one machine may share it.
 * @throws where others may enter the folder.
 */
export async function openFileCache(
  storage: Storage,
  { dir, limit_bytes }: { dir: string; limit_bytes: number },
): Promise<FileCache> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const { uid, mode } = await lstat(dir);
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) {
    throw new Error(`Others may enter ${dir}: set TOUCHSTONE_CACHE_DIR to a folder of this user's own (mode 700).`);
  }
  const downloads = new Map<string, Promise<void>>();
  let arrived = Number.POSITIVE_INFINITY; // bytes since the folder was last looked through
  const timer = setInterval(() => void tidy().catch(() => {}), TIDY_EVERY_MS).unref();

  async function tidy(): Promise<void> {
    arrived = 0;
    const names = await readdir(dir);
    const found = await Promise.all(names.map((name) => findCopy(join(dir, name))));
    const copies = found.filter((copy) => copy !== null).sort((a, b) => a.used_at - b.used_at);
    let total = copies.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size, used_at } of copies) {
      const idle = Date.now() - used_at;
      if (idle < IN_USE_MS || (total <= limit_bytes && idle < KEPT_MS)) break;
      await rm(path, { force: true });
      total -= size;
    }
  }

  let downloading = 0;
  const waiting: (() => void)[] = [];
  async function inTurn(work: () => Promise<void>): Promise<void> {
    if (downloading < DOWNLOADS_AT_ONCE) downloading += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      await work();
    } finally {
      const next = waiting.shift(); // takes over our place
      if (next) next();
      else downloading -= 1;
    }
  }

  async function download(key: string, path: string): Promise<void> {
    const temporary = join(dir, `.tmp-${randomUUID()}`);
    try {
      await pipeline(await storage.readStream(key), createWriteStream(temporary, { flags: 'wx', mode: 0o600 }));
      arrived += (await stat(temporary)).size;
      await rename(temporary, path);
    } finally {
      await rm(temporary, { force: true });
    }
    if (arrived > limit_bytes / 20) await tidy();
  }

  return {
    async pathOf(key, version) {
      const path = join(dir, createHash('sha256').update(`${key}\n${version}`).digest('hex'));
      const copy = await findCopy(path);
      if (copy) {
        if (Date.now() - copy.used_at > TOUCH_MS) await utimes(path, new Date(), new Date());
        return path;
      }
      let under_way = downloads.get(path);
      if (!under_way) {
        under_way = inTurn(() => download(key, path)).finally(() => downloads.delete(path));
        downloads.set(path, under_way);
      }
      await under_way;
      return path;
    },
    close: () => clearInterval(timer),
  };
}

type Copy = { path: string; size: number; used_at: number };

/** Null where there is none, or where it has just been removed. */
async function findCopy(path: string): Promise<Copy | null> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return found && { path, size: found.size, used_at: found.mtimeMs };
}
