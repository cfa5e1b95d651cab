import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPacker, readBackup } from './archive.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-archive-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function* chunksOf(content: string): AsyncGenerator<Uint8Array> {
  for (const part of content.match(/.{1,1000}/gs) ?? []) yield Buffer.from(part);
}
const LONG = `storage/jobs/${'0'.repeat(36)}/journal/1-${'0'.repeat(36)}-000001.jsonl`;
const BIG = 'x'.repeat(200_000);

async function readAll(path: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, chunks } of readBackup(path)) found[name] = await text(chunks);
  return found;
}

describe.each(['backup.tar', 'backup'])('%s', (name) => {
  test('holds its files, for its owner alone, once it is finished', async () => {
    const path = join(folder, name);
    const packer = await openPacker(path);
    const small = await packer.add('database/a.jsonl', chunksOf('{}\n'));
    await packer.add(LONG, chunksOf(BIG), BIG.length);
    expect(small).toEqual({ name: 'database/a.jsonl', size: 3, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(existsSync(path)).toBe(false);
    await packer.finish();
    expect(readdirSync(folder)).toEqual([name]);
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(await readAll(path)).toEqual({ 'database/a.jsonl': '{}\n', [LONG]: BIG });
  });

  test('that breaks off leaves nothing', async () => {
    const packer = await openPacker(join(folder, name));
    await packer.add('database/a.jsonl', chunksOf('{}\n'));
    const broken = async function* () {
      yield Buffer.from('half');
      throw new Error('the source is gone');
    };
    await expect(packer.add('database/b.jsonl', broken(), 8)).rejects.toThrow('the source is gone');
    await packer.abort();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that was killed is seen under no name of a backup, and does not keep the next one from being made', async () => {
    const path = join(folder, name);
    const script = `
      import { openPacker } from ${JSON.stringify(join(import.meta.dirname, 'archive.ts'))};
      const packer = await openPacker(${JSON.stringify(path)});
      await packer.add('database/a.jsonl', (async function* () {
        yield Buffer.from('half');
        console.log('half');
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      })());`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(path)).toBe(false);
    const packer = await openPacker(path);
    await packer.add('database/a.jsonl', chunksOf('{}\n'));
    await packer.finish();
    expect(await readAll(path)).toEqual({ 'database/a.jsonl': '{}\n' });
    expect(readdirSync(folder)).toEqual([name]);
  });

  test('is never written over what is there', async () => {
    writeFileSync(join(folder, name), 'mine');
    await expect(openPacker(join(folder, name))).rejects.toThrow('is there already');
    await expect(openPacker(join(folder, 'nowhere', name))).rejects.toThrow('There is no folder');
  });
});

test('a disk that is full is no backup', async () => {
  const path = join(folder, 'backup.tar');
  const packer = await openPacker(path);
  symlinkSync('/dev/full', `${path}.part.spool`);
  await expect(packer.add('database/a.jsonl', chunksOf(BIG))).rejects.toMatchObject({ code: 'ENOSPC' });
  await packer.abort();
  expect(readdirSync(folder)).toEqual([]);
});

test('what is no backup, or only half of one, is refused', async () => {
  const path = join(folder, 'backup.tar');
  await expect(readAll(path)).rejects.toThrow('There is no backup');
  writeFileSync(path, 'examples,ground_truth\n'.repeat(1000));
  await expect(readAll(path)).rejects.toThrow('is no backup of Touchstone');
  rmSync(path);
  const packer = await openPacker(path);
  await packer.add(LONG, chunksOf(BIG), BIG.length);
  await packer.finish();
  truncateSync(path, 100_000);
  await expect(readAll(path)).rejects.toThrow('was cut off');
});
