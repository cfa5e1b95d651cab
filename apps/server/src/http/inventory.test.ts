/** Every procedure and every route there is, asked for by strangers and with keys of every scope. */
import { SCOPES, type Scope } from '@touchstone/schemas';
import type { RouteOptions } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createToken, hashToken } from '../access/tokens.ts';
import { appRouter } from '../router.ts';
import { openTestApp, type TestApp } from '../testing/http.ts';
import { openTestServer } from '../testing/services.ts';
import { createCallerFactory } from '../trpc.ts';
import { buildApp } from './app.ts';

/** What each procedure asks for. */
const PROCEDURES: Record<Scope, string[]> = {
  read: [
    'comparisons.get',
    'comparisons.slices',
    'datasets.diff',
    'datasets.get',
    'datasets.health',
    'datasets.list',
    'datasets.preview',
    'datasets.versions',
    'endpoints.list',
    'endpoints.models',
    'events.changes',
    'experiments.counts',
    'experiments.estimate',
    'experiments.get',
    'experiments.list',
    'experiments.suggest_name',
    'jobs.get',
    'jobs.list',
    'jobs.log',
    'jobs.rows',
    'models.list',
    'prices.list',
    'rows.counts',
    'rows.distribution',
    'rows.list',
    'session.get',
    'status.get',
  ],
  run: [
    'datasets.create_from_workflow',
    'datasets.edit',
    'datasets.remove',
    'datasets.update',
    'experiments.add_metrics',
    'experiments.add_workflows',
    'experiments.confirm',
    'experiments.create',
    'experiments.remove',
    'experiments.remove_workflow',
    'experiments.resume',
    'experiments.stop',
    'experiments.update',
    'jobs.create_comparison',
    'jobs.create_evaluation',
    'jobs.create_annotation',
    'jobs.create_inference',
    'jobs.remove',
    'jobs.resume',
    'jobs.stop',
  ],
  owner: [
    'api_keys.create',
    'api_keys.list',
    'api_keys.remove',
    'endpoints.create',
    'endpoints.remove',
    'endpoints.test',
    'endpoints.update',
    'prices.remove',
    'prices.set',
    'secrets.list',
    'secrets.remove',
    'secrets.set',
    'session.sign_out',
    'sign_in_links.create',
  ],
};

/** What each plain route asks for; any other method of MLflow's asks for `run`. */
const ROUTES: Record<'open' | Scope, string[]> = {
  open: [
    'GET /_next/static/*',
    'GET /favicon.ico',
    'GET /health',
    'GET /icon.svg',
    'GET /ready',
    'GET /sign-in',
    'POST /api/session',
  ],
  read: [
    'GET /*',
    'GET /api/datasets/:id/download',
    'GET /api/experiments/:id/export',
    'GET /api/jobs/:id/log',
    'GET /api/jobs/:id/result',
    'GET /api/jobs/:id/rows',
    'GET /api/openapi.json',
    'GET /metrics',
    'GET /mlflow',
    'GET /mlflow/*',
  ],
  run: ['PUT /api/datasets'],
  owner: [],
};
/** Take every method: tRPC's own route, and what answers where there is nothing. */
const EVERY_METHOD = ['/trpc/:path', '/api/*'];
/** Come with another one and ask for the same. */
const BESIDE = ['HEAD', 'OPTIONS', 'TRACE', 'CONNECT'];

const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>);

/** `operation`: what the document calls it. */
type Route = { method: string; url: string; access: 'open' | Scope | undefined; operation: string | undefined };

let app: TestApp;
let routes: Route[];
const keys: Record<'read' | 'run' | 'expired', string> = { read: '', run: '', expired: '' };

async function createKey(name: string, scope: Scope, expires_at: Date | null = null): Promise<string> {
  const key = `tsk_${createToken()}`;
  const { db } = app.services;
  const hashed = { key_hash: hashToken(key), last4: key.slice(-4) };
  await db.api_key.create({
    data: { id: crypto.randomUUID(), user_id: app.ctx.user.id, name, scope, expires_at, ...hashed },
  });
  return key;
}

beforeAll(async () => {
  app = await openTestApp();
  keys.read = await createKey('looks', 'read');
  keys.run = await createKey('runs', 'run');
  keys.expired = await createKey('was', 'run', new Date(Date.now() - 1000));
  const listed: RouteOptions[] = [];
  const server = await openTestServer();
  const copy = await buildApp(server.services, { onRoute: (route) => listed.push(route) });
  await copy.ready();
  routes = listed.flatMap((route) =>
    [route.method].flat().map((method) => ({
      method,
      url: route.url,
      access: route.config?.access,
      operation: route.config?.operation?.id,
    })),
  );
  await copy.close();
  await server.stop();
});
afterAll(() => app.stop());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const json = (key: string) => ({ ...bearer(key), 'content-type': 'application/json' });
const pathOf = ({ url }: Route) =>
  url.replace(/:\w+/g, '00000000-0000-4000-8000-000000000000').replace('*', 'anything');
/** What `fetch` can send in place of what it cannot. */
const sendable = (method: string) => (method === 'CONNECT' || method === 'TRACE' ? 'POST' : method);

/** Asks with these credentials and hangs up. */
async function statusOf(method: string, path: string, headers: Record<string, string>): Promise<number> {
  const answer = await fetch(app.url + path, {
    method,
    headers: { 'content-type': 'application/json', origin: app.url, ...headers },
    redirect: 'manual',
  });
  await answer.body?.cancel();
  return answer.status;
}

const askProcedure = ([path, { _def }]: (typeof procedures)[number], headers: Record<string, string>) =>
  statusOf(_def.type === 'mutation' ? 'POST' : 'GET', `/trpc/${path}`, headers);

test('the procedures and routes are exactly those of the tables', () => {
  expect(procedures.map(([path]) => path).sort()).toEqual(Object.values(PROCEDURES).flat().sort());
  const expected = Object.entries(ROUTES).flatMap(([access, list]) => list.map((route) => `${access} ${route}`));
  const changesMlflow = ({ method, url, access }: Route) => url === '/mlflow/*' && method !== 'GET' && access === 'run';
  const isProcedure = ({ operation }: Route) => procedures.some(([path]) => path === operation);
  const found = routes.filter(
    (r) => !EVERY_METHOD.includes(r.url) && !BESIDE.includes(r.method) && !changesMlflow(r) && !isProcedure(r),
  );
  expect(found.map(({ access, method, url }) => `${access} ${method} ${url}`).sort()).toEqual(expected.sort());
  for (const { method, url, access } of routes) expect(access, `${method} ${url}`).toBeDefined();
});

test('every procedure but the live events is a route below /api, with the same scope', () => {
  const asRoutes = routes.filter(({ method }) => method !== 'HEAD');
  for (const [access, paths] of Object.entries(PROCEDURES)) {
    for (const path of paths.filter((one) => one !== 'events.changes')) {
      const found = asRoutes.filter(({ operation }) => operation === path);
      expect([path, found.map((route) => route.access)]).toEqual([path, [access]]);
    }
  }
  // A browser asks for what these two answer before it has a key.
  const without = ['POST /api/session', 'GET /api/openapi.json'];
  for (const { method, url, operation } of asRoutes.filter(
    (route) => route.url.startsWith('/api/') && route.url !== '/api/*',
  )) {
    if (!without.includes(`${method} ${url}`)) expect(operation, `${method} ${url}`).toBeDefined();
  }
});

test('every route that is not open refuses strangers, wrong, expired and revoked keys', async () => {
  const revoked = await createKey('gone', 'run');
  expect(await statusOf('GET', '/trpc/session.get', bearer(revoked))).toBe(200);
  await app.services.db.api_key.deleteMany({ where: { name: 'gone' } });
  const strangers: Record<string, string>[] = [
    {},
    bearer('tsk_wrong'),
    bearer(keys.expired),
    bearer(revoked),
    { cookie: 'touchstone_session_4300=wrong' },
  ];
  for (const route of routes.filter(({ access }) => access !== 'open')) {
    for (const credentials of strangers) {
      const status = await statusOf(sendable(route.method), pathOf(route), credentials);
      expect([`${route.method} ${route.url}`, status]).toEqual([`${route.method} ${route.url}`, 401]);
    }
  }
  for (const procedure of procedures) {
    for (const credentials of strangers) {
      expect([procedure[0], await askProcedure(procedure, credentials)]).toEqual([procedure[0], 401]);
    }
  }
});

test('so does what is not there', async () => {
  for (const path of ['/nowhere', '/api/nowhere', '/trpc/nowhere.get', '/mlflow', '/_next/data/x.json', '/health/x']) {
    expect([path, (await fetch(app.url + path, { redirect: 'manual' })).status]).toEqual([path, 401]);
  }
  expect((await fetch(`${app.url}/health`, { method: 'DELETE' })).status).toBe(401);
});

test('a key does what its scope allows and no more', async () => {
  const allows = (scope: Scope, needed: Scope) => SCOPES.indexOf(scope) >= SCOPES.indexOf(needed);
  for (const scope of ['read', 'run'] as const) {
    for (const needed of SCOPES) {
      for (const path of PROCEDURES[needed]) {
        const procedure = procedures.find(([name]) => name === path)!;
        const status = await askProcedure(procedure, bearer(keys[scope]));
        expect([scope, path, status === 403]).toEqual([scope, path, !allows(scope, needed)]);
        expect([path, status]).not.toEqual([path, 401]);
      }
    }
    for (const route of routes) {
      if (EVERY_METHOD.includes(route.url) || route.access === 'open') continue;
      const status = await statusOf(sendable(route.method), pathOf(route), bearer(keys[scope]));
      // CONNECT and TRACE cannot be sent; what is sent for them is a POST.
      const needed = sendable(route.method) === route.method ? route.access! : 'run';
      expect([scope, route.method, route.url, status === 403]).toEqual([
        scope,
        route.method,
        route.url,
        !allows(scope, needed),
      ]);
    }
  }
});

test('a refusal names the scope that is needed and says what to do', async () => {
  const stop = await fetch(`${app.url}/trpc/jobs.stop`, { method: 'POST', headers: json(keys.read) });
  expect(await stop.json()).toMatchObject({
    error: {
      message: 'This needs an API key with the scope "run"; this one has "read". Settings, under API keys, makes one.',
      data: { code: 'FORBIDDEN', httpStatus: 403 },
    },
  });
  const secrets = await fetch(`${app.url}/trpc/secrets.list`, { headers: bearer(keys.run) });
  expect(await secrets.text()).toContain('scope \\"owner\\"');
  const upload = await fetch(`${app.url}/api/datasets`, { method: 'PUT', headers: bearer(keys.read), body: 'a\n1\n' });
  expect(await upload.json()).toMatchObject({
    error: { code: 'FORBIDDEN', message: expect.stringContaining('"run"') },
  });
  const expired = await fetch(`${app.url}/trpc/session.get`, { headers: bearer(keys.expired) });
  expect(await expired.json()).toMatchObject({
    error: { code: -32001, message: expect.stringContaining('expired'), data: { code: 'UNAUTHORIZED' } },
  });
});

test('every procedure refuses by itself, whatever let the request in', async () => {
  const caller = createCallerFactory(appRouter)({ ...app.services, caller: null });
  for (const [path] of procedures) {
    const call = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], caller);
    await expect((call as () => Promise<unknown>)(), path).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  }
});

test('a route that does not say who may ask for it stops the start', async () => {
  const server = await openTestServer();
  const copy = await buildApp(server.services);
  expect(() => copy.get('/unmarked', async () => 'hello')).toThrow('GET /unmarked does not say who may ask for it');
  await copy.close();
  await server.stop();
});
