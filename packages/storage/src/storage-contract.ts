/** What every storage driver must do: call it from a test file with the driver's name and a way to open an empty storage. */
import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, it } from 'vitest';
import { StorageError, StorageNotFound } from './errors.ts';
import type { Storage } from './storage.ts';

export function storageContract(name: string, open: () => Promise<Storage>): void {
  describe(`${name}: the storage contract`, () => {
    let storage: Storage;
    beforeEach(async () => {
      storage = await open();
    });

    it('reads back what was written, byte for byte, with its size and hash', async () => {
      const data = randomBytes(100_000);
      const written = await storage.write('a/b/data.bin', data);
      expect(written).toEqual({ size: 100_000, sha256: sha256(data) });
      expect(await storage.read('a/b/data.bin')).toEqual(data);
      expect(await storage.stat('a/b/data.bin')).toEqual({ size: 100_000 });
      expect(await buffer(await storage.readStream('a/b/data.bin'))).toEqual(data);
    });

    it('stores text as UTF-8, and nothing at all', async () => {
      await storage.write('text', 'čaj ☕');
      expect((await storage.read('text')).toString()).toBe('čaj ☕');
      expect(await storage.write('empty', '')).toEqual({ size: 0, sha256: sha256('') });
      expect(await storage.read('empty')).toHaveLength(0);
      expect(await storage.stat('empty')).toEqual({ size: 0 });
    });

    it('replaces what was there, also by something shorter', async () => {
      await storage.write('k', 'a longer text');
      await storage.write('k', 'short');
      expect((await storage.read('k')).toString()).toBe('short');
    });

    it('reads ranges, half open, cut at the end', async () => {
      await storage.write('digits', '0123456789');
      const range = async (start: number, end?: number) => (await storage.readRange('digits', start, end)).toString();
      expect(await range(2, 5)).toBe('234');
      expect(await range(7)).toBe('789');
      expect(await range(8, 100)).toBe('89');
      expect(await range(3, 3)).toBe('');
      expect(await range(10)).toBe('');
      expect(await range(50)).toBe('');
      await expect(range(-1)).rejects.toThrow(StorageError);
      await expect(range(5, 4)).rejects.toThrow(StorageError);
    });

    it('says which key is missing', async () => {
      await storage.write('there/is', 'x');
      for (const key of ['nothing', 'there', 'there/is/not', 'there/not']) {
        const asks: ((key: string) => Promise<unknown>)[] = [
          (k) => storage.read(k),
          (k) => storage.readStream(k),
          (k) => storage.readRange(k, 0),
        ];
        for (const ask of asks) {
          const error = await ask(key).catch((e: unknown) => e);
          expect(error, key).toBeInstanceOf(StorageNotFound);
          expect((error as StorageNotFound).key).toBe(key);
        }
        expect(await storage.stat(key), key).toBeNull();
      }
    });

    it('writes a stream with its size and hash', async () => {
      const chunks = Array.from({ length: 40 }, () => randomBytes(7_777));
      const written = await storage.writeStream('stream', from([...chunks, 'and text']));
      const whole = Buffer.concat([...chunks, Buffer.from('and text')]);
      expect(written).toEqual({ size: whole.length, sha256: sha256(whole) });
      expect(await storage.read('stream')).toEqual(whole);
    });

    it('keeps nothing of a stream that broke, and passes its error on', async () => {
      const broken = new Error('line 7 has 3 fields');
      async function* source() {
        yield randomBytes(50_000);
        throw broken;
      }
      await expect(storage.writeStream('d/new', source())).rejects.toBe(broken);
      expect(await storage.stat('d/new')).toBeNull();
      expect(await keysOf(storage, '')).toEqual([]);
      await storage.write('d/old', 'as it was');
      await expect(storage.writeStream('d/old', source())).rejects.toBe(broken);
      expect((await storage.read('d/old')).toString()).toBe('as it was');
    });

    it('shows a key only when it is written whole', async () => {
      async function* source() {
        yield 'first half, ';
        expect(await storage.stat('w/k')).toBeNull();
        expect(await keysOf(storage, 'w/')).toEqual([]);
        yield 'second half';
      }
      await storage.writeStream('w/k', source());
      expect((await storage.read('w/k')).toString()).toBe('first half, second half');
    });

    it('gives a reader one version whole while another is written', async () => {
      const versions = ['a', 'b'].map((letter) => letter.repeat(200_000));
      await storage.write('v', versions[0]!);
      const writes = (async () => {
        for (let i = 0; i < 20; i++) await storage.write('v', versions[i % 2]!);
      })();
      for (let i = 0; i < 20; i++) expect(versions).toContain((await storage.read('v')).toString());
      await writes;
    });

    it('lists keys by prefix in the order of their characters', async () => {
      const keys = ['a/1', 'a/10', 'a/2', 'a-b/1', 'a.txt', 'a/x/y/z', 'ab', 'b/1'];
      for (const key of keys) await storage.write(key, key);
      expect(await keysOf(storage, '')).toEqual([...keys].sort());
      expect(await keysOf(storage, 'a/')).toEqual(['a/1', 'a/10', 'a/2', 'a/x/y/z']);
      expect(await keysOf(storage, 'a/1')).toEqual(['a/1', 'a/10']);
      expect(await keysOf(storage, 'a/x/y')).toEqual(['a/x/y/z']);
      expect(await keysOf(storage, 'a')).toEqual([...keys].sort().filter((key) => key.startsWith('a')));
      expect(await keysOf(storage, 'c/')).toEqual([]);
      for await (const { key, size } of storage.list('')) expect(size).toBe(key.length);
    });

    it('removes a key, and one that is not there', async () => {
      await storage.write('r/1', 'x');
      await storage.write('r/2', 'x');
      await storage.remove('r/1');
      await storage.remove('r/1');
      await storage.remove('never/was');
      expect(await keysOf(storage, 'r/')).toEqual(['r/2']);
    });

    it('removes all below a prefix and nothing beside it', async () => {
      for (const key of ['p/1/a', 'p/1/b/c', 'p/10/a', 'p/2']) await storage.write(key, 'x');
      await storage.removePrefix('p/1/');
      await storage.removePrefix('p/1/');
      expect(await keysOf(storage, '')).toEqual(['p/10/a', 'p/2']);
      await expect(storage.removePrefix('p/1')).rejects.toThrow(StorageError);
      await expect(storage.removePrefix('')).rejects.toThrow(StorageError);
      await expect(storage.removePrefix('/')).rejects.toThrow(StorageError);
      expect(await keysOf(storage, '')).toEqual(['p/10/a', 'p/2']);
      await storage.write('p/1/a', 'again');
      expect(await keysOf(storage, 'p/1/')).toEqual(['p/1/a']);
    });

    it.each([
      '',
      '/',
      '/etc/passwd',
      'a//b',
      'a/',
      '../x',
      'a/../../x',
      'a/./b',
      'a b',
      'a\\b',
      'a\nb',
      'é',
      '.tmp-x/y',
    ])('refuses %j as a key', async (key) => {
      for (const ask of [
        () => storage.read(key),
        () => storage.readRange(key, 0),
        () => storage.readStream(key),
        () => storage.write(key, 'x'),
        () => storage.stat(key),
        () => storage.remove(key),
      ]) {
        const error = await Promise.resolve()
          .then(ask as () => unknown)
          .catch((e: unknown) => e);
        expect(error).toBeInstanceOf(StorageError);
        expect((error as StorageError).kind).toBe('invalid');
      }
    });
  });
}

async function keysOf(storage: Storage, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(prefix)) keys.push(key);
  return keys;
}

async function* from<T>(values: T[]): AsyncIterable<T> {
  yield* values;
}

function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}
