import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApp, type TestApp } from '../testing/http.ts';

/** Stands where MLflow does and tells what it was asked. */
let upstream: Server;
let app: TestApp;
let cookie: string;
beforeAll(async () => {
  upstream = createServer(async (request: IncomingMessage, response) => {
    const { method, url, headers } = request;
    response.setHeader('access-control-allow-origin', 'http://127.0.0.1');
    response.setHeader('x-frame-options', 'SAMEORIGIN');
    response.setHeader('set-cookie', 'mlflow=1; Path=/');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ method, url, headers, body: await text(request) }));
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const { port } = upstream.address() as AddressInfo;
  app = await openTestApp({ MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}/mlflow` });
  cookie = await app.signIn();
});
afterAll(async () => {
  await app.stop();
  upstream.closeAllConnections();
  upstream.close();
});

type Seen = { method: string; url: string; headers: Record<string, string>; body: string };

test('MLflow is asked with path, query and body as they are, and never sees our credentials', async () => {
  const answer = await fetch(`${app.url}/mlflow/ajax-api/2.0/mlflow/runs/search?a=%2F&b=1`, {
    method: 'POST',
    headers: {
      cookie: `other=2; ${cookie}`,
      origin: app.url,
      referer: `${app.url}/mlflow/`,
      'content-type': 'application/json',
    },
    body: '{"x": [1,  2]}',
  });
  expect(answer.status).toBe(200);
  const seen = (await answer.json()) as Seen;
  expect(seen).toMatchObject({
    method: 'POST',
    url: '/mlflow/ajax-api/2.0/mlflow/runs/search?a=%2F&b=1',
    body: '{"x": [1,  2]}',
  });
  expect(seen.headers.cookie).toBe('other=2');
  expect(seen.headers.host).toBe(`127.0.0.1:${(upstream.address() as AddressInfo).port}`);
  expect(seen.headers).not.toHaveProperty('origin');
  expect(seen.headers).not.toHaveProperty('referer');
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect(answer.headers.get('access-control-allow-origin')).toBe(null);
  expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'self'.*frame-ancestors 'self'$/);
});

test('with an API key too, which MLflow does not see', async () => {
  const answer = await fetch(`${app.url}/mlflow/api/2.0/mlflow/experiments/search?max_results=1`, {
    headers: { authorization: `Bearer ${app.api_key}` },
  });
  const seen = (await answer.json()) as Seen;
  expect(seen.headers).not.toHaveProperty('authorization');
});

test('/mlflow is /mlflow/', async () => {
  const answer = await fetch(`${app.url}/mlflow`, { headers: { cookie }, redirect: 'manual' });
  expect(answer.headers.get('location')).toBe('/mlflow/');
});

test('files of runs cannot act with the session of whoever looks at them', async () => {
  for (const path of [
    '/mlflow/get-artifact?path=a.html&run_uuid=1',
    '/mlflow/ajax-api/2.0/mlflow-artifacts/artifacts/1/2/artifacts/a.html',
    '/mlflow/api/2.0/mlflow-artifacts/artifacts/1/2/artifacts/a.html',
  ]) {
    const answer = await fetch(app.url + path, { headers: { cookie } });
    expect([path, answer.headers.get('content-security-policy')]).toEqual([path, 'sandbox']);
  }
});

test('what cannot be reached is told', async () => {
  const alone = await openTestApp({ MLFLOW_TRACKING_URI: 'http://127.0.0.1:9/mlflow' });
  try {
    const answer = await fetch(`${alone.url}/mlflow/`, { headers: { authorization: `Bearer ${alone.api_key}` } });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ error: { code: 'UNAVAILABLE', message: expect.stringContaining('MLflow') } });
  } finally {
    await alone.stop();
  }
});
