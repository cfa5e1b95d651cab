import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findVersityGw, startVersityGw, type VersityGw } from '@touchstone/local-stack';
import type { Dataset } from '@touchstone/schemas';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openTestApp, type TestApp } from '../testing/http.ts';

const CSV = 'examples,ground_truth\na,b\n';
const FILENAME = 'čaj "1".csv';

async function upload(app: TestApp): Promise<Dataset> {
  const answer = await fetch(`${app.url}/api/datasets?filename=${encodeURIComponent(FILENAME)}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${app.api_key}`, 'content-type': 'text/csv' },
    body: CSV,
  });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Dataset;
}

describe.skipIf(!findVersityGw())('on S3', () => {
  let folder: string;
  let s3: VersityGw;
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

  test('a dataset comes through the server where browsers do not reach the bucket', async () => {
    const app = await openTestApp({}, { storage_url: s3.storageUrl('private') });
    try {
      const { id } = await upload(app);
      const headers = { authorization: `Bearer ${app.api_key}` };
      const answer = await fetch(`${app.url}/api/datasets/${id}/download`, { headers, redirect: 'manual' });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toBe(CSV);
    } finally {
      await app.stop();
    }
  });

  test('what cannot be read because the bucket is away says so', async () => {
    const away = await startVersityGw({ dir: join(folder, 'away') });
    for (const [name, value] of Object.entries(away.credentials)) vi.stubEnv(name, value);
    const app = await openTestApp({}, { storage_url: away.storageUrl('p') });
    try {
      const { id } = await upload(app);
      await away.stop();
      const headers = { authorization: `Bearer ${app.api_key}` };
      const answer = await fetch(`${app.url}/api/datasets/${id}/download`, { headers });
      expect(answer.status).toBe(502);
      expect(await answer.text()).toContain(`Files cannot be read or written: ${away.url} cannot be reached`);
      const error = await app.caller.datasets.preview({ id, offset: 0, limit: 10 }).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'BAD_GATEWAY', message: expect.stringContaining('cannot be reached') });
    } finally {
      await app.stop();
      await away.stop();
      for (const [name, value] of Object.entries(s3.credentials)) vi.stubEnv(name, value);
    }
  });

  test('where they do, they are sent there, and only those who are signed in', async () => {
    const s3_public_endpoint = s3.url.replace('127.0.0.1', 'localhost');
    const app = await openTestApp({}, { storage_url: s3.storageUrl('public'), s3_public_endpoint });
    try {
      const { id } = await upload(app);
      const path = `${app.url}/api/datasets/${id}/download`;
      expect((await fetch(path, { redirect: 'manual' })).status).toBe(401);

      const headers = { authorization: `Bearer ${app.api_key}` };
      const answer = await fetch(path, { headers, redirect: 'manual' });
      expect(answer.status).toBe(302);
      const signed = new URL(answer.headers.get('location')!);
      expect(signed.origin).toBe(s3_public_endpoint);
      expect(signed.searchParams.get('X-Amz-Expires')).toBe('300');
      expect(signed.href).not.toContain(s3.credentials.AWS_SECRET_ACCESS_KEY);

      // fetch does not take our key along to another origin; S3 would refuse an address with two credentials.
      const file = await fetch(path, { headers });
      expect(file.status).toBe(200);
      expect(await file.text()).toBe(CSV);
      expect(file.headers.get('content-type')).toBe('text/csv');
      expect(file.headers.get('content-disposition')).toBe(
        `attachment; filename="_aj _1_.csv"; filename*=UTF-8''%C4%8Daj%20%221%22.csv`,
      );
      // What is made for the download comes through the server.
      const made = await fetch(`${path}?as=csv`, { headers, redirect: 'manual' });
      expect(await made.text()).toBe('examples,ground_truth\r\na,b\r\n');
      expect(app.logs()).not.toContain('X-Amz-Signature');
    } finally {
      await app.stop();
    }
  });
});
