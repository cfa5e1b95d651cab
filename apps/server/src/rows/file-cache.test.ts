import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openStorage, type Storage, StorageNotFound } from '@touchstone/storage';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { type FileCache, openFileCache } from './file-cache.ts';

const KB = 1024;
let folder: string;
let dir: string;
let storage: Storage;
/** Keys in the order in which they were downloaded. */
let downloads: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'touchstone-cache-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  dir = join(folder, 'cache');
  storage = await openStorage(pathToFileURL(join(folder, 'storage')).href);
  downloads = [];
});

async function open(limit_bytes = 1024 * KB): Promise<FileCache> {
  const counted: Storage = {
    ...storage,
    readStream: (key) => {
      downloads.push(key);
      return storage.readStream(key);
    },
  };
  const cache = await openFileCache(counted, { dir, limit_bytes });
  onTestFinished(() => cache.close());
  return cache;
}

/** Makes a copy look as if it was last used so long ago. */
async function age(path: string, minutes: number): Promise<void> {
  const at = new Date(Date.now() - minutes * 60_000);
  await utimes(path, at, at);
}
const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

test('a file is downloaded once, also when many ask at once, and again under another version', async () => {
  const cache = await open();
  await storage.write('a/rows', 'first');
  const paths = await Promise.all(Array.from({ length: 20 }, () => cache.pathOf('a/rows', 'v1')));
  expect(new Set(paths).size).toBe(1);
  expect(await readFile(paths[0]!, 'utf8')).toBe('first');
  expect(await cache.pathOf('a/rows', 'v1')).toBe(paths[0]);
  expect(downloads).toEqual(['a/rows']);
  await storage.write('a/rows', 'second');
  expect(await readFile(await cache.pathOf('a/rows', 'v2'), 'utf8')).toBe('second');
  expect(downloads).toEqual(['a/rows', 'a/rows']);
  expect((await stat(paths[0]!)).mode & 0o777).toBe(0o600);
});

test('many files are fetched a few at a time', async () => {
  const keys = Array.from({ length: 500 }, (_, i) => `journal/${i}`);
  for (const key of keys) await storage.write(key, key);
  let [now, most] = [0, 0];
  const readStream: Storage['readStream'] = async (key) => {
    most = Math.max(most, ++now);
    const stream = await storage.readStream(key);
    return stream.once('close', () => now--);
  };
  const cache = await openFileCache({ ...storage, readStream }, { dir, limit_bytes: 1024 * KB });
  onTestFinished(() => cache.close());
  const paths = await Promise.all(keys.map((key) => cache.pathOf(key, 'v')));
  expect(await Promise.all(paths.map((path) => readFile(path, 'utf8')))).toEqual(keys);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(32);
});

test('a download that fails is told to everybody who waits, leaves nothing and is tried again', async () => {
  const cache = await open();
  const asked = await Promise.allSettled([cache.pathOf('k', 'v'), cache.pathOf('k', 'v')]);
  for (const { status, reason } of asked as PromiseRejectedResult[]) {
    expect(status).toBe('rejected');
    expect(reason).toBeInstanceOf(StorageNotFound);
  }
  expect(await readdir(dir)).toEqual([]);
  await storage.write('k', 'x');
  expect(await readFile(await cache.pathOf('k', 'v'), 'utf8')).toBe('x');
});

test('over the limit the copies go that were not used for longest, but none that may be in use', async () => {
  const cache = await open(100 * KB);
  const [one, two, three] = ['1', '2', '3'];
  const paths: string[] = [];
  for (const key of [one, two, three]) {
    await storage.write(key, Buffer.alloc(40 * KB));
    paths.push(await cache.pathOf(key, 'v'));
  }
  expect(await Promise.all(paths.map(isThere))).toEqual([true, true, true]); // all in use: over the limit for now
  for (const [i, path] of paths.entries()) await age(path, 60 - i);
  expect(await cache.pathOf(one, 'v')).toBe(paths[0]); // used again
  await storage.write('4', Buffer.alloc(40 * KB));
  const four = await cache.pathOf('4', 'v');
  expect(await Promise.all([...paths, four].map(isThere))).toEqual([true, false, false, true]);
  expect(downloads).toEqual(['1', '2', '3', '4']);
});

test('copies outlive a restart, but not a day in which nobody asked for them', async () => {
  await storage.write('young', 'x');
  await storage.write('old', 'x');
  const before = await open();
  const [young, old] = [await before.pathOf('young', 'v'), await before.pathOf('old', 'v')];
  await age(young, 23 * 60);
  await age(old, 25 * 60);
  const after = await open();
  await storage.write('new', 'x');
  await after.pathOf('new', 'v');
  expect(await after.pathOf('young', 'v')).toBe(young);
  expect(downloads).toEqual(['young', 'old', 'new']);
  expect(await readdir(dir)).not.toContain(basename(old));
});

test('a folder that others may enter is refused', async () => {
  await mkdir(dir);
  await chmod(dir, 0o755);
  await expect(open()).rejects.toThrow('TOUCHSTONE_CACHE_DIR');
});
