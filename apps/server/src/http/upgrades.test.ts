import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApp, type TestApp } from '../testing/http.ts';

let developing: TestApp;
let serving: TestApp;
beforeAll(async () => {
  developing = await openTestApp({ TOUCHSTONE_WEB_DEV: true });
  serving = await openTestApp();
});
afterAll(async () => {
  await developing.stop();
  await serving.stop();
});

/** The status of what answers a request for a WebSocket; null where the guard let it through and nobody was there. */
function upgrade(url: string, path: string, headers: Record<string, string> = {}): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { path, headers: { connection: 'upgrade', upgrade: 'websocket', ...headers } });
    asked.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    });
    asked.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve(null) : reject(error)));
    asked.end();
  });
}

test("while developing, Next's WebSocket opens from our own pages alone", async () => {
  const { url } = developing;
  expect(await upgrade(url, '/_next/hmr', { origin: url })).toBe(null);
  expect(await upgrade(url, '/_next/hmr')).toBe(403);
  expect(await upgrade(url, '/_next/hmr', { origin: 'https://evil.example' })).toBe(403);
  expect(await upgrade(url, '/_next/hmr', { origin: url, host: 'evil.example' })).toBe(403);
  expect(await upgrade(url, '/mlflow/', { origin: url })).toBe(403);
});

test('otherwise there are no WebSockets: the request is one like any other', async () => {
  expect(await upgrade(serving.url, '/_next/hmr', { origin: serving.url })).toBe(401);
});
