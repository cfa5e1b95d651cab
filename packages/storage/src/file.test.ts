import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { fromFileError, StorageError } from './errors.ts';
import { openStorage } from './open.ts';
import type { Storage } from './storage.ts';
import { storageContract } from './storage-contract.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'touchstone-storage-'));
  folders.push(folder);
  return folder;
}

const open = async (): Promise<Storage> =>
  openStorage(pathToFileURL(join(await newFolder(), 'made on first write')).href);

async function listed(storage: Storage, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(prefix)) keys.push(key);
  return keys;
}

storageContract('files', open);

describe('files', () => {
  it('leaves no temporary file of a broken stream', async () => {
    const folder = await newFolder();
    const storage = await openStorage(pathToFileURL(folder).href);
    async function* source() {
      yield 'half';
      throw new Error('the client went away');
    }
    await expect(storage.writeStream('d/k', source())).rejects.toThrow('the client went away');
    expect(await readdir(join(folder, 'd'))).toEqual([]);
  });

  it('neither lists a write that was cut off nor keeps it when its prefix is removed', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'jobs/1'), { recursive: true });
    await writeFile(join(folder, 'jobs/1/.tmp-cut-off'), 'half');
    const storage = await openStorage(pathToFileURL(folder).href);
    expect(await listed(storage, 'jobs/')).toEqual([]);
    await storage.removePrefix('jobs/1/');
    expect(await readdir(join(folder, 'jobs'))).toEqual([]);
  });

  it('tells where a key lies as a plain file', async () => {
    const storage = await open();
    await storage.write('a/b', 'here');
    expect(await readFile(storage.localPath!('a/b'), 'utf8')).toBe('here');
    expect(() => storage.localPath!('../b')).toThrow(StorageError);
  });

  it('writes while the prefix is being removed', async () => {
    const storage = await open();
    const writes = Array.from({ length: 50 }, (_, i) => storage.write(`p/${i % 3}/${i}`, 'x').catch((e: unknown) => e));
    await Promise.all([storage.removePrefix('p/'), ...writes]);
    await storage.removePrefix('p/');
    expect(await listed(storage, 'p/')).toEqual([]);
  });

  it('says so when there is no room, and leaves nothing', async () => {
    const folder = await newFolder();
    const script = `
      const { openStorage } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
      const storage = await openStorage(${JSON.stringify(pathToFileURL(folder).href)});
      const error = await storage.write("d/k", Buffer.alloc(4_000_000)).catch((e) => e);
      console.log(JSON.stringify({ name: error.name, kind: error.kind, message: error.message }));`;
    // A process that may write no file above 1,000 blocks meets the same failure as a full disk.
    const limited = ['-c', 'ulimit -f 1000; exec "$0" --input-type=module -e "$1"', process.execPath, script];
    const { stdout } = await promisify(execFile)('/bin/sh', limited);
    expect(JSON.parse(stdout)).toEqual({
      name: 'StorageError',
      kind: 'full',
      message: 'There is no room left in storage to write "d/k": free some disk space.',
    });
    expect(await readdir(join(folder, 'd'))).toEqual([]);
  });

  it.each([
    ['ENOENT', 'not_found'],
    ['ENOTDIR', 'not_found'],
    ['EISDIR', 'not_found'],
    ['ENOSPC', 'full'],
    ['EDQUOT', 'full'],
    ['EACCES', 'denied'],
    ['EROFS', 'denied'],
    ['EIO', 'unavailable'],
  ])('makes %s of the file system %s', (code, kind) => {
    expect(fromFileError(Object.assign(new Error(code), { code }), 'k').kind).toBe(kind);
  });
});

describe('openStorage', () => {
  it.each(['', 'folder', '/abs/folder', 'file:relative', 'file://host/folder', 'gs://bucket', 'file:///a?b'])(
    'refuses %j',
    async (url) => {
      await expect(openStorage(url)).rejects.toThrow(StorageError);
    },
  );

  it('takes a path with spaces and other letters', async () => {
    const folder = join(await newFolder(), 'mé path');
    const storage = await openStorage(pathToFileURL(folder).href);
    await storage.write('k', 'x');
    expect(await readdir(folder)).toEqual(['k']);
  });
});
