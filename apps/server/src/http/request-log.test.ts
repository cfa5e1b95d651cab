import { expect, test } from 'vitest';
import { ask, openTestApp, postSession } from '../testing/http.ts';

test('no token, key, cookie, value or query is logged, also where things go wrong', async () => {
  const app = await openTestApp();
  try {
    const { url } = await app.caller.sign_in_links.create();
    const token = new URL(url).searchParams.get('token')!;
    const session = (await app.signIn()).split('=')[1]!;
    const cookie = `touchstone_session_4300=${session}`;
    const value = 'sk-canary-0123456789-canary';
    const authorization = `Bearer ${app.api_key}`;
    const set = (body: string) =>
      fetch(`${app.url}/trpc/secrets.set`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body,
      });

    await ask(app, `/sign-in?token=${token}`, { headers: { accept: 'text/html' } });
    await postSession(app.url, token);
    await postSession(app.url, token);
    await ask(app, `/experiments?token=${token}`, { headers: { cookie, accept: 'text/html' } });
    await ask(app, `/trpc/session.get?token=${token}`, { headers: { authorization } });
    expect((await set(JSON.stringify({ name: 'canary', value }))).status).toBe(200);
    expect((await set(JSON.stringify({ name: 'NOT A NAME', value }))).status).toBe(400);
    expect((await set(`{"name": "canary", "value": "${value}"`)).status).toBe(400);
    // What nobody foresaw: the database is gone.
    await app.services.db.$executeRawUnsafe('ALTER TABLE secret RENAME TO gone');
    const failed = await set(JSON.stringify({ name: 'canary', value }));
    expect(failed.status).toBe(500);
    expect(await failed.text()).not.toMatch(/prisma|relation|secret"/i);

    const logs = app.logs();
    expect(logs).toContain('"path":"/sign-in"');
    expect(logs).toContain('procedure failed');
    for (const secret of [token, session, value, app.api_key, '?token', 'authorization', 'cookie']) {
      expect(logs).not.toContain(secret);
    }
  } finally {
    await app.stop();
  }
});

test('what only looks and works is told at debug; what changes or fails is not', async () => {
  const app = await openTestApp();
  try {
    const headers = { authorization: `Bearer ${app.api_key}`, 'content-type': 'application/json' };
    const post = (path: string) => fetch(`${app.url}${path}`, { method: 'POST', headers });
    await fetch(`${app.url}/health`);
    await fetch(`${app.url}/trpc/status.get`, { headers });
    await fetch(`${app.url}/trpc/datasets.list?input={`, { headers });
    await post('/trpc/sign_in_links.create');
    await app.services.db.$executeRawUnsafe('ALTER TABLE dataset RENAME TO gone');
    await fetch(`${app.url}/trpc/datasets.list?input={}`, { headers });
    const levels = app
      .logs()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: number; path?: string; status?: number; msg: string })
      .filter(({ msg }) => msg === 'request')
      .map(({ level, path, status }) => [path, status, level]);
    const [debug, info, warn] = [20, 30, 40];
    expect(levels).toEqual([
      ['/health', 200, debug],
      ['/trpc/status.get', 200, debug],
      ['/trpc/datasets.list', 400, info],
      ['/trpc/sign_in_links.create', 200, info],
      ['/trpc/datasets.list', 500, warn],
    ]);
  } finally {
    await app.stop();
  }
});
