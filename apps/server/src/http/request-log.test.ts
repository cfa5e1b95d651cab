import { expect, test } from 'vitest';
import { ask, openTestApp, postSession } from '../testing/http.ts';

test('no token, key, cookie, value or query is logged, also where things go wrong', async () => {
  const app = await openTestApp();
  try {
    const { url } = await app.caller.sign_in_links.create();
    const token = new URL(url).searchParams.get('token')!;
    const session = (await app.signIn()).split('=')[1]!;
    const cookie = `touchstone_session=${session}`;
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
