import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, openTestApp, postSession, type TestApp } from '../testing/http.ts';

let app: TestApp;
let cookie: string;
beforeAll(async () => {
  app = await openTestApp();
  cookie = await app.signIn();
});
afterAll(() => app.stop());

const setSecret = (headers: Record<string, string>) =>
  fetch(`${app.url}/trpc/secrets.set`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ name: 'some_key', value: 'a-value' }),
  });

describe('a change asked for with a session', () => {
  test('comes from a page of ours, or is refused', async () => {
    expect((await setSecret({ cookie, origin: app.url })).status).toBe(200);
    expect((await setSecret({ cookie, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await setSecret({ cookie, origin: app.url.replace('127.0.0.1', 'localhost') })).status).toBe(200);
    const strange: Record<string, string>[] = [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: app.url.replace('http', 'https') },
      // Another program on this machine.
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', origin: app.url },
      { 'sec-fetch-site': 'none' },
    ];
    for (const headers of strange) {
      expect([headers, (await setSecret({ cookie, ...headers })).status]).toEqual([headers, 403]);
    }
  });

  test('needs no such thing with an API key', async () => {
    expect((await setSecret({ authorization: `Bearer ${app.api_key}` })).status).toBe(200);
  });

  test('holds for files and MLflow too', async () => {
    for (const [method, path] of [
      ['PUT', '/api/datasets?filename=a.csv'],
      ['POST', '/mlflow/ajax-api/2.0/mlflow/experiments/create'],
    ] as const) {
      const answer = await fetch(app.url + path, { method, headers: { cookie }, body: 'a\n1\n' });
      expect([path, answer.status]).toEqual([path, 403]);
    }
  });
});

test('a mutation cannot be asked for by an address', async () => {
  const answer = await fetch(`${app.url}/trpc/session.sign_out`, { headers: { cookie } });
  expect(answer.status).toBe(405);
  expect((await fetch(`${app.url}/trpc/session.get`, { headers: { cookie } })).status).toBe(200);
});

test('no other site signs a browser in', async () => {
  const { url } = await app.caller.sign_in_links.create();
  const token = new URL(url).searchParams.get('token')!;
  expect((await postSession(app.url, token, { origin: 'https://evil.example' })).status).toBe(403);
  expect((await postSession(app.url, token, { origin: app.url })).status).toBe(204);
});

test('a name of somebody else that leads here is refused (DNS rebinding)', async () => {
  const port = new URL(app.url).port;
  for (const host of [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    `LOCALHOST:${port}`,
    `[::1]:${port}`,
    '127.0.0.1:4300',
  ]) {
    expect([host, (await ask(app, `/trpc/session.get`, { headers: { host, cookie } })).status]).toEqual([host, 200]);
  }
  for (const host of [
    `evil.example:${port}`,
    'evil.example',
    '127.0.0.1',
    `127.0.0.1.evil.example:${port}`,
    '127.0.0.1:1',
  ]) {
    for (const path of ['/trpc/session.get', '/sign-in', '/experiments', '/mlflow/']) {
      expect([host, path, (await ask(app, path, { headers: { host, cookie } })).status]).toEqual([host, path, 403]);
    }
  }
  expect((await ask(app, `/health`, { headers: { host: '10.0.0.7:80' } })).status).toBe(200);
});

test('pages lead to the sign-in page and back', async () => {
  const asPage = { accept: 'text/html,application/xhtml+xml' };
  const answer = await ask(app, `/experiments/1?view=rows&sort=a`, { headers: asPage });
  expect(answer.status).toBe(302);
  expect(answer.headers.location).toBe('/sign-in?next=%2Fexperiments%2F1%3Fview%3Drows%26sort%3Da');
  expect((await ask(app, `/mlflow/`, { headers: asPage })).status).toBe(302);
  expect((await ask(app, `/trpc/session.get`, { headers: asPage })).status).toBe(401);
  expect((await ask(app, `/api/jobs/1/log`, { headers: asPage })).status).toBe(401);
});

test('what the sign-in page is made of opens no other page', async () => {
  for (const path of [
    '/_next/static/..%2f..%2fexperiments',
    '/_next/static/%2e%2e/x',
    '/_next/static//x',
    '/_next/static/a%5cb',
  ]) {
    const answer = await ask(app, path);
    expect([path, answer.status]).toEqual([path, 404]);
  }
});

test('errors are told as {"error": {"code", "message"}}, and to tRPC in its own way', async () => {
  const headers = { authorization: `Bearer ${app.api_key}` };
  const missing = await fetch(`${app.url}/api/jobs/00000000-0000-4000-8000-000000000000/log`, { headers });
  expect(missing.status).toBe(404);
  expect(await missing.json()).toEqual({
    error: { code: 'NOT_FOUND', message: expect.stringContaining('There is no job') },
  });
  const badId = await fetch(`${app.url}/api/jobs/7/log`, { headers });
  expect(badId.status).toBe(422);
  const noKey = await fetch(`${app.url}/trpc/secrets.remove`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'not_there' }),
  });
  expect(noKey.status).toBe(404);
  expect(await noKey.json()).toMatchObject({
    error: { data: { code: 'NOT_FOUND' }, message: expect.stringContaining('not_there') },
  });
});

test('every answer carries the headers that keep others out', async () => {
  for (const path of ['/health', '/sign-in', '/trpc/session.get', '/nowhere']) {
    const { headers } = await ask(app, path);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  }
  expect((await ask(app, `/trpc/session.get`)).headers['cache-control']).toBe('no-store');
});
