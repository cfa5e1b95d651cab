import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { findVersityGw, startVersityGw, type VersityGw } from '@touchstone/local-stack';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { StorageError } from './errors.ts';
import { openStorage } from './open.ts';
import { parseS3Address } from './s3-address.ts';
import type { Storage } from './storage.ts';
import { storageContract } from './storage-contract.ts';

describe('an s3 address', () => {
  it('tells bucket, prefix, endpoint, region and path style', () => {
    vi.stubEnv('AWS_REGION', '');
    vi.stubEnv('AWS_DEFAULT_REGION', '');
    expect(parseS3Address('s3://bucket')).toEqual({
      bucket: 'bucket',
      prefix: '',
      endpoint: null,
      region: 'us-east-1',
      path_style: false,
    });
    const url = 's3://my.bucket-1/team/a/?endpoint=http://127.0.0.1:9000/&region=eu-west-1&path_style=false';
    expect(parseS3Address(url)).toEqual({
      bucket: 'my.bucket-1',
      prefix: 'team/a/',
      endpoint: 'http://127.0.0.1:9000',
      region: 'eu-west-1',
      path_style: false,
    });
    vi.stubEnv('AWS_REGION', 'eu-north-1');
    expect(parseS3Address('s3://bucket?endpoint=https://s3.example.org')).toMatchObject({
      region: 'eu-north-1',
      path_style: true,
    });
    vi.unstubAllEnvs();
  });

  it.each([
    ['s3://', 'bucket'],
    ['s3://b', 'bucket'],
    ['s3://Bucket', 'bucket'],
    ['s3://bucket/a//b', 'prefix'],
    ['s3://bucket/../b?endpoint=x', 'endpoint'],
    ['s3://bucket/a%20b', 'prefix'],
    ['s3://bucket?endpoint=127.0.0.1:9000', 'endpoint'],
    ['s3://bucket?endpoint=http://host/path', 'endpoint'],
    ['s3://bucket?endpiont=http://host', 'endpiont'],
    ['s3://bucket?path_style=yes', 'path_style'],
  ])('%s is refused with its reason', async (url, reason) => {
    const error = (await openStorage(url).catch((e: unknown) => e)) as StorageError;
    expect(error).toBeInstanceOf(StorageError);
    expect(error.kind).toBe('invalid');
    expect(error.message).toContain(reason);
  });

  it('is taken as the guide writes it', async () => {
    const guide = await readFile(new URL('../../../docs/guide/s3.md', import.meta.url), 'utf8');
    const written = [...guide.matchAll(/^export TOUCHSTONE_STORAGE_URL='(.*)'$/gm)].map((match) => match[1]!);
    expect(written.length).toBeGreaterThan(2);
    for (const url of written)
      expect(parseS3Address(url)).toMatchObject({ bucket: 'my-bucket', prefix: 'touchstone/' });
  });

  it('with credentials is refused without showing them', async () => {
    const error = (await openStorage('s3://key:hidden@bucket').catch((e: unknown) => e)) as StorageError;
    expect(error.message).toContain('AWS_SECRET_ACCESS_KEY');
    expect(error.message).not.toContain('hidden');
  });
});

describe.skipIf(!findVersityGw())('on a real S3 server', () => {
  let folder: string;
  let s3: VersityGw;
  let opened = 0;
  const open = (options?: Parameters<typeof openStorage>[1]): Promise<Storage> =>
    openStorage(s3.storageUrl(`test/${opened++}`), options);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'touchstone-s3-'));
    s3 = await startVersityGw({ dir: folder });
    for (const [name, value] of Object.entries(s3.credentials)) vi.stubEnv(name, value);
  });
  afterAll(async () => {
    await s3?.stop();
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });

  storageContract('S3', () => open());

  /** The multipart uploads that are neither completed nor aborted. */
  async function unfinishedUploads(): Promise<number> {
    const client = new S3Client({ endpoint: s3.url, region: 'us-east-1', forcePathStyle: true });
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'touchstone-test' }));
    client.destroy();
    return Uploads.length;
  }

  async function* zeros(megabytes: number): AsyncGenerator<Buffer> {
    for (let i = 0; i < megabytes; i++) yield Buffer.alloc(1024 * 1024, i);
  }

  const failing = async (storage: Storage): Promise<StorageError[]> => {
    const list = async () => {
      for await (const { key } of storage.list('')) expect(key).toBeUndefined();
    };
    const asks: (() => Promise<unknown>)[] = [
      () => storage.read('k'),
      () => storage.stat('k'),
      () => storage.readStream('k'),
      () => storage.write('k', 'x'),
      () => storage.writeStream('k', zeros(17)),
      list,
      () => storage.remove('k'),
      () => storage.removePrefix('k/'),
    ];
    const outcomes = await Promise.all(asks.map((ask) => ask().catch((error: unknown) => error)));
    return outcomes as StorageError[];
  };

  it('writes a long stream in parts, with little memory', async () => {
    const storage = await open();
    const before = process.memoryUsage().rss;
    let most = 0;
    async function* watched() {
      for await (const piece of zeros(200)) {
        most = Math.max(most, process.memoryUsage().rss - before);
        yield piece;
      }
    }
    const { size, sha256 } = await storage.writeStream('long', watched());
    expect(size).toBe(200 * 1024 * 1024);
    expect(await storage.stat('long')).toEqual({ size });
    const hash = createHash('sha256');
    for await (const chunk of await storage.readStream('long')) hash.update(chunk);
    expect(hash.digest('hex')).toBe(sha256);
    expect(await storage.readRange('long', 150 * 1024 * 1024, 150 * 1024 * 1024 + 2)).toEqual(Buffer.from([150, 150]));
    expect(most).toBeLessThan(150 * 1024 * 1024);
    expect(await unfinishedUploads()).toBe(0);
  });

  it('aborts the parts of a stream that broke', async () => {
    const storage = await open();
    let seen = 0;
    async function* source() {
      yield* zeros(40);
      seen = await unfinishedUploads();
      throw new Error('the client went away');
    }
    await expect(storage.writeStream('d/k', source())).rejects.toThrow('the client went away');
    expect(seen).toBe(1);
    expect(await unfinishedUploads()).toBe(0);
    expect(await storage.stat('d/k')).toBeNull();
  });

  it('removes the parts of a write that was cut off with their prefix', async () => {
    const storage = await open();
    const gone = Promise.withResolvers<void>();
    async function* source() {
      yield* zeros(20);
      await gone.promise;
    }
    const write = storage.writeStream('jobs/1/rows', source()).catch((error: unknown) => error);
    await expect.poll(unfinishedUploads).toBe(1);
    await storage.removePrefix('jobs/1/');
    expect(await unfinishedUploads()).toBe(0);
    gone.resolve();
    expect(await write).toBeInstanceOf(StorageError);
    expect(await storage.stat('jobs/1/rows')).toBeNull();
  });

  it('lists and removes more keys than one answer holds', { timeout: 60_000 }, async () => {
    const storage = await open();
    const keys = Array.from({ length: 1_050 }, (_, i) => `many/${String(i).padStart(5, '0')}`);
    for (let i = 0; i < keys.length; i += 50) {
      await Promise.all(keys.slice(i, i + 50).map((key) => storage.write(key, 'x')));
    }
    await storage.write('other', 'x');
    const found: string[] = [];
    for await (const { key } of storage.list('many/')) found.push(key);
    expect(found).toEqual(keys);
    await storage.removePrefix('many/');
    for await (const { key } of storage.list('')) expect(key).toBe('other');
  });

  it('gives its connections back when streams are not read to their end', async () => {
    const storage = await open();
    await storage.writeStream('k', zeros(8));
    for (let i = 0; i < 60; i++) (await storage.readStream('k')).destroy();
    const openAtOnce = await Promise.all(Array.from({ length: 100 }, () => storage.readStream('k')));
    expect(await storage.stat('k')).not.toBeNull(); // does not wait for those
    for (const stream of openAtOnce) stream.destroy();
    expect((await storage.read('k')).length).toBe(8 * 1024 * 1024);
  });

  it('keeps prefixes of one bucket apart', async () => {
    const [one, two] = [await open(), await open()];
    await one.write('k', '1');
    expect(await two.stat('k')).toBeNull();
    for await (const { key } of two.list('')) expect(key).toBeUndefined();
  });

  it('signs an address that answers with the given headers and no credentials, until it expires', async () => {
    expect('signedUrl' in (await open())).toBe(false);
    const storage = await open({ public_endpoint: s3.url.replace('127.0.0.1', 'localhost') });
    await storage.write('k', 'a,b\n');
    const headers = {
      content_disposition: `attachment; filename="plain.csv"; filename*=UTF-8''d%C3%A9.csv`,
      content_type: 'text/csv; charset=utf-8',
    };
    const url = await storage.signedUrl!('k', { expires_s: 300, ...headers });
    expect(new URL(url).hostname).toBe('localhost');
    const answer = await fetch(url);
    expect(await answer.text()).toBe('a,b\n');
    expect(answer.headers.get('content-disposition')).toBe(headers.content_disposition);
    expect(answer.headers.get('content-type')).toBe(headers.content_type);
    const changed = await fetch(url.replace('/k?', '/other?'));
    expect(changed.status).toBe(403);
    const short = await storage.signedUrl!('k', { expires_s: 1, ...headers });
    await sleep(2_100);
    expect((await fetch(short)).status).toBe(403);
  });

  it('says what to do where there is no such bucket', async () => {
    const errors = await failing(await openStorage(`s3://no-such-bucket?endpoint=${s3.url}`));
    expect(errors.map(({ kind }) => kind)).toEqual(Array(8).fill('no_bucket'));
    expect(errors[0]!.message).toBe(
      `There is no bucket "no-such-bucket" at ${s3.url}: create it, or correct the storage address.`,
    );
  });

  it.each([
    ['AWS_SECRET_ACCESS_KEY', 'SignatureDoesNotMatch'],
    ['AWS_ACCESS_KEY_ID', 'InvalidAccessKeyId'],
  ])('says what to do where %s is wrong', async (name, code) => {
    const before = process.env[name];
    vi.stubEnv(name, 'wrong');
    try {
      const errors = await failing(await open());
      expect(errors.map(({ kind }) => kind)).toEqual(Array(8).fill('credentials'));
      expect(errors[0]!.message).toContain(`does not accept the credentials (${code}): check AWS_ACCESS_KEY_ID`);
    } finally {
      vi.stubEnv(name, before);
    }
  });

  it('says what to do where there are no credentials', async () => {
    const before = { ...s3.credentials };
    const home = await mkdtemp(join(folder, 'home-'));
    for (const name of Object.keys(before)) vi.stubEnv(name, '');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'none'));
    vi.stubEnv('AWS_CONFIG_FILE', join(home, 'none'));
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    try {
      const [error] = await failing(await open());
      expect(error).toMatchObject({ kind: 'credentials', message: expect.stringContaining('set AWS_ACCESS_KEY_ID') });
    } finally {
      for (const [name, value] of Object.entries(before)) vi.stubEnv(name, value);
    }
  });

  it('says that it cannot be reached, soon', async () => {
    const from = performance.now();
    const errors = await failing(await openStorage('s3://bucket?endpoint=http://127.0.0.1:9'));
    expect(errors.map(({ kind }) => kind)).toEqual(Array(8).fill('unavailable'));
    expect(errors[0]!.message).toBe('http://127.0.0.1:9 cannot be reached (ECONNREFUSED).');
    expect(performance.now() - from).toBeLessThan(10_000);
  });

  it('leaves nothing beside the objects', async () => {
    const objects = await readdir(join(folder, 'objects', 'touchstone-test'));
    expect(objects.filter((name) => name !== 'test' && !name.startsWith('.'))).toEqual([]);
  });
});
