/** Every procedure and every route there is, called by somebody who has not signed in. */
import type { RouteOptions } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appRouter } from '../router.ts';
import { openTestApp, type TestApp } from '../testing/http.ts';
import { openTestServer } from '../testing/services.ts';
import { createCallerFactory } from '../trpc.ts';
import { buildApp } from './app.ts';

/** All that answers without credentials. */
const OPEN = [
  'GET /_next/static/*',
  'GET /favicon.ico',
  'GET /health',
  'GET /icon.svg',
  'GET /sign-in',
  'HEAD /_next/static/*',
  'HEAD /favicon.ico',
  'HEAD /health',
  'HEAD /icon.svg',
  'HEAD /sign-in',
  'POST /api/session',
];

const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>);

let app: TestApp;
let routes: { method: string; url: string; open: boolean }[];
beforeAll(async () => {
  app = await openTestApp();
  const listed: RouteOptions[] = [];
  const server = await openTestServer();
  const copy = await buildApp(server.services, { onRoute: (route) => listed.push(route) });
  await copy.ready();
  routes = listed.flatMap((route) =>
    [route.method].flat().map((method) => ({ method, url: route.url, open: route.config?.open === true })),
  );
  await copy.close();
  await server.stop();
});
afterAll(() => app.stop());

test('the open routes are exactly these', () => {
  expect(routes.length).toBeGreaterThan(30);
  expect(
    routes
      .filter(({ open }) => open)
      .map(({ method, url }) => `${method} ${url}`)
      .sort(),
  ).toEqual(OPEN);
});

test('every other route refuses, with wrong credentials too', async () => {
  const closed = routes.filter(({ open }) => !open);
  const wrong: Record<string, string>[] = [
    {},
    { authorization: 'Bearer tsk_wrong' },
    { cookie: 'touchstone_session=wrong' },
  ];
  for (const { method, url } of closed) {
    const path = url.replace(/:\w+/g, '00000000-0000-4000-8000-000000000000').replace('*', 'anything');
    for (const credentials of wrong) {
      const answer = await fetch(app.url + path, {
        method: method === 'CONNECT' || method === 'TRACE' ? 'POST' : method,
        headers: { ...credentials, origin: app.url },
        redirect: 'manual',
      });
      expect([`${method} ${path}`, answer.status]).toEqual([`${method} ${path}`, 401]);
    }
  }
});

test('so does what is not there', async () => {
  for (const path of ['/nowhere', '/api/nowhere', '/trpc/nowhere.get', '/mlflow', '/_next/data/x.json', '/health/x']) {
    expect([path, (await fetch(app.url + path, { redirect: 'manual' })).status]).toEqual([path, 401]);
  }
  expect((await fetch(`${app.url}/health`, { method: 'DELETE' })).status).toBe(401);
});

test('every procedure refuses over HTTP', async () => {
  expect(procedures.length).toBeGreaterThan(20);
  for (const [path, { _def }] of procedures) {
    const answer = await fetch(`${app.url}/trpc/${path}`, {
      method: _def.type === 'mutation' ? 'POST' : 'GET',
      headers: { 'content-type': 'application/json', origin: app.url },
    });
    expect([path, answer.status]).toEqual([path, 401]);
    expect(await answer.json()).toMatchObject({
      error: { code: -32001, data: { code: 'UNAUTHORIZED', httpStatus: 401 } },
    });
  }
});

test('every procedure refuses by itself, whatever let the request in', async () => {
  const caller = createCallerFactory(appRouter)({ ...app.services, caller: null });
  for (const [path] of procedures) {
    const call = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], caller);
    await expect((call as () => Promise<unknown>)(), path).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  }
});
