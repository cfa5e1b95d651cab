import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApp, postSession, type TestApp } from '../testing/http.ts';
import { createSignInLink, ensureOwner, openSession } from './service.ts';
import { createToken, hashToken } from './tokens.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.stop());

async function createLink(): Promise<string> {
  const { url } = await app.caller.sign_in_links.create();
  return new URL(url).searchParams.get('token')!;
}

test('a link leads to the sign-in page, and is good for a quarter of an hour', async () => {
  const link = await app.caller.sign_in_links.create();
  expect(link.url).toMatch(/^http:\/\/127\.0\.0\.1:4300\/sign-in\?token=[A-Za-z0-9_-]{43}$/);
  const seconds = (Date.parse(link.expires_at) - Date.now()) / 1000;
  expect(seconds).toBeGreaterThan(14 * 60);
  expect(seconds).toBeLessThan(16 * 60);
});

test('of requests that spend one link at once, one wins', async () => {
  const token = await createLink();
  const answers = await Promise.all(Array.from({ length: 8 }, () => postSession(app.url, token)));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
    204, 403, 403, 403, 403, 403, 403, 403,
  ]);
});

test('a link that is used, over or unknown is refused in the same words', async () => {
  const used = await createLink();
  await openSession(app.services, used);
  const over = await createLink();
  await app.services.db.sign_in_link.update({
    where: { token_hash: hashToken(over) },
    data: { expires_at: new Date(Date.now() - 1000) },
  });
  const answers = await Promise.all([used, over, createToken(), 'x'].map((token) => postSession(app.url, token)));
  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
  expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
});

test('the cookie is for this site alone and not for scripts', async () => {
  const answer = await postSession(app.url, await createLink());
  expect(answer.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^touchstone_session_4300=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/),
  ]);
});

test('an instance on another port of the host has a cookie of its own', async () => {
  const other = await openTestApp({ TOUCHSTONE_URL: 'http://127.0.0.1:4301' });
  try {
    const cookies = [await app.signIn(), await other.signIn()];
    expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual([
      'touchstone_session_4300',
      'touchstone_session_4301',
    ]);
    for (const { url } of [app, other]) {
      expect((await fetch(`${url}/trpc/session.get`, { headers: { cookie: cookies.join('; ') } })).status).toBe(200);
    }
  } finally {
    await other.stop();
  }
});

test('under https the cookie is sent encrypted alone', async () => {
  const secure = await openTestApp({ TOUCHSTONE_URL: 'https://touchstone.example.com' });
  try {
    const { url } = await secure.caller.sign_in_links.create();
    const answer = await postSession(secure.url, new URL(url).searchParams.get('token')!);
    expect(answer.headers.getSetCookie()[0]).toContain('Secure');
  } finally {
    await secure.stop();
  }
});

test('the database keeps hashes, no tokens and no keys', async () => {
  const token = await createLink();
  const cookie = await app.signIn();
  const { db } = app.services;
  const kept = JSON.stringify([
    await db.sign_in_link.findMany(),
    await db.session.findMany(),
    await db.api_key.findMany(),
  ]);
  for (const secret of [token, cookie.split('=')[1]!, app.api_key]) {
    expect(kept).toContain(hashToken(secret));
    expect(kept).not.toContain(secret);
  }
});

test('a session makes no links', async () => {
  const { user } = app.ctx;
  const caller = { user, via: 'session' as const, scope: 'owner' as const, token_hash: 'x', forget_session: () => {} };
  await expect(createSignInLink({ ...app.ctx, caller })).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('signing out ends the session and takes the cookie back', async () => {
  const cookie = await app.signIn();
  const other = await app.signIn();
  const get = (with_cookie: string) => fetch(`${app.url}/trpc/session.get`, { headers: { cookie: with_cookie } });
  expect(await (await get(cookie)).json()).toEqual({ result: { data: { user: { name: 'owner' } } } });
  const answer = await fetch(`${app.url}/trpc/session.sign_out`, {
    method: 'POST',
    headers: { cookie, origin: app.url, 'content-type': 'application/json' },
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.getSetCookie()[0]).toMatch(/^touchstone_session_4300=;.*(Max-Age=0|Expires=Thu, 01 Jan 1970)/);
  expect((await get(cookie)).status).toBe(401);
  expect((await get(other)).status).toBe(200);
});

test('a session that is over is none', async () => {
  const cookie = await app.signIn();
  await app.services.db.session.updateMany({
    where: { token_hash: hashToken(cookie.split('=')[1]!) },
    data: { expires_at: new Date(Date.now() - 1000) },
  });
  const answer = await fetch(`${app.url}/trpc/session.get`, { headers: { cookie } });
  expect(answer.status).toBe(401);
});

test('a new local key replaces the old one', async () => {
  const get = (api_key: string) =>
    fetch(`${app.url}/trpc/session.get`, { headers: { authorization: `Bearer ${api_key}` } });
  const next = `tsk_${createToken()}`;
  expect((await get(app.api_key)).status).toBe(200);
  expect((await get(next)).status).toBe(401);
  await ensureOwner(app.services, next);
  expect((await get(app.api_key)).status).toBe(401);
  expect((await get(next)).status).toBe(200);
  await ensureOwner(app.services, app.api_key);
});
