import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordHealth } from '@touchstone/db';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApp, type TestApp } from '../testing/http.ts';

const MEGABYTE = 1024 * 1024;

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp({ TOUCHSTONE_UPLOAD_LIMIT_MB: 1 });
});
afterAll(() => app.stop());

type Answer = { status: number; body: string; sent: number; complete: boolean };

/** Sends `bytes` as a client that reads nothing until all is sent, or cuts the connection after `cut_after`. */
function put({
  bytes,
  length,
  headers = {},
}: {
  bytes: number;
  length?: number;
  headers?: Record<string, string>;
}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${app.url}/api/datasets?filename=big.csv`,
      {
        method: 'PUT',
        headers: {
          authorization: `Bearer ${app.api_key}`,
          ...(length !== undefined && { 'content-length': length }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            body: Buffer.concat(chunks).toString(),
            sent,
            complete: sent >= bytes,
          }),
        );
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    const row = Buffer.from(`${'x'.repeat(1022)},1\n`.slice(0, 1024));
    let sent = 0;
    const send = () => {
      while (sent < bytes) {
        const chunk = row.subarray(0, Math.min(row.length, bytes - sent));
        sent += chunk.length;
        if (!request.write(chunk)) return void request.once('drain', send);
      }
      request.end();
    };
    request.write('');
    send();
  });
}

const TOO_LARGE = /larger than 1 MB, the limit of this server.*TOUCHSTONE_UPLOAD_LIMIT_MB=2/;

test('a file is stored, and comes back byte for byte under its name', async () => {
  const text = 'examples,ground_truth\n"a ""b""\nc",d\ne,f\n';
  const headers = { authorization: `Bearer ${app.api_key}` };
  const answer = await fetch(`${app.url}/api/datasets?filename=${encodeURIComponent('../Ü "x".csv')}&name=My%20rows`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'text/csv' },
    body: text,
  });
  expect(answer.status).toBe(201);
  const dataset = (await answer.json()) as { id: string };
  expect(dataset).toMatchObject({ name: 'My rows', filename: 'Ü "x".csv', row_count: 2 });
  const download = await fetch(`${app.url}/api/datasets/${dataset.id}/download`, { headers });
  expect(download.headers.get('content-disposition')).toBe(
    `attachment; filename="_ _x_.csv"; filename*=UTF-8''%C3%9C%20%22x%22.csv`,
  );
  expect(await download.text()).toBe(text);
});

test('any content type will do', async () => {
  for (const type of ['application/json', 'application/octet-stream', 'text/plain']) {
    const answer = await fetch(`${app.url}/api/datasets?filename=a.csv`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${app.api_key}`, 'content-type': type },
      body: 'a\n1\n',
    });
    expect([type, answer.status]).toEqual([type, 201]);
  }
});

test('a file that is announced as too large is refused, and the client gets to read it', async () => {
  const answer = await put({ bytes: 30 * MEGABYTE, length: 30 * MEGABYTE });
  expect(answer).toMatchObject({ status: 413 });
  expect(JSON.parse(answer.body)).toEqual({ error: { code: 'TOO_LARGE', message: expect.stringMatching(TOO_LARGE) } });
});

test('so is one that turns out too large on the way', async () => {
  const answer = await put({ bytes: 30 * MEGABYTE, headers: { 'transfer-encoding': 'chunked' } });
  expect(answer).toMatchObject({ status: 413 });
  expect(JSON.parse(answer.body).error.message).toMatch(TOO_LARGE);
});

test('and the connection serves the next request', async () => {
  const answer = await fetch(`${app.url}/api/datasets?filename=a.csv`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${app.api_key}` },
    body: new Uint8Array(2 * MEGABYTE),
  });
  expect(answer.status).toBe(413);
  expect((await fetch(`${app.url}/health`)).status).toBe(200);
});

test('a bad file is told with its line, and nothing is kept of it', async () => {
  const before = await app.services.db.dataset.count();
  const answer = await fetch(`${app.url}/api/datasets?filename=a.csv`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${app.api_key}` },
    body: 'a,b\n1,2\n3\n',
  });
  expect(answer.status).toBe(422);
  expect(await answer.json()).toEqual({ error: { code: 'INVALID', message: expect.stringContaining('Line 3') } });
  expect(await app.services.db.dataset.count()).toBe(before);
});

test('a name of the file is needed', async () => {
  const answer = await fetch(`${app.url}/api/datasets`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${app.api_key}` },
    body: 'a\n1\n',
  });
  expect(answer.status).toBe(422);
});

test('of an upload that is cut off nothing is kept', async () => {
  const before = await app.services.db.dataset.count();
  const request = httpRequest(`${app.url}/api/datasets?filename=cut.csv`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${app.api_key}`, 'content-length': 100_000 },
  });
  request.on('error', () => {});
  request.write('a,b\n1,2\n');
  await expect.poll(() => app.services.db.dataset.count()).toBe(before + 1);
  request.destroy();
  await expect.poll(() => app.services.db.dataset.count()).toBe(before);
  const left: string[] = [];
  for await (const { key } of app.services.storage.list('datasets/')) left.push(key);
  const ids = (await app.services.db.dataset.findMany()).map(({ id }) => id);
  expect(left.filter((key) => !ids.some((id) => key.includes(id)))).toEqual([]);
  await sleep(50);
  expect(app.logs()).not.toContain('request failed');
});

test('a disk that is nearly full takes no file, and says what to do', async () => {
  const server = await openTestApp({ TOUCHSTONE_MIN_FREE_GB: 1000 });
  try {
    const disk = { path: '/data', free_bytes: 400_000_000, total_bytes: 1e12 };
    const health = { state: 'degraded', url: null, detail: null, to_do: null, facts: { disk } } as const;
    await recordHealth(server.services.db, 'storage', health);
    const answer = await fetch(`${server.url}/api/datasets?filename=rows.csv`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${server.api_key}` },
      body: 'a\n1\n',
    });
    expect(answer.status).toBe(507);
    expect(await answer.json()).toEqual({
      error: {
        code: 'NO_SPACE',
        message: expect.stringMatching(/^There is no room for this file: 0.3 GB free in \/data, 1000 GB needed/),
      },
    });
    expect(await server.services.db.dataset.count()).toBe(0);
  } finally {
    await server.stop();
  }
});
