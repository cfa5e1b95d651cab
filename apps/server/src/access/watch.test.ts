import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../context.ts';
import { openTestApp, type TestApp } from '../testing/http.ts';
import { findApiKeyCaller, findSessionCaller, signOut } from './service.ts';
import { watchAccess } from './watch.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.stop());

const watch = (caller: Caller, until = new AbortController()) =>
  watchAccess(app.services, caller, { until: until.signal, every_ms: 20 });

async function keyCaller(name: string): Promise<{ id: string; caller: Caller }> {
  const { id, key } = await app.caller.api_keys.create({ name, scope: 'read', expires_in_days: 1 });
  const caller = await findApiKeyCaller(app.services, key);
  if (caller === null || caller === 'expired') return expect.fail('the key is good');
  return { id, caller };
}

test('a stream may go on while its key is good, and no longer when it is revoked or over', async () => {
  const [revoked, over, kept] = await Promise.all(['revoked', 'over', 'kept'].map(keyCaller));
  const watched = [revoked!, over!, kept!].map(({ caller }) => watch(caller));
  await sleep(100);
  expect(watched.map(({ aborted }) => aborted)).toEqual([false, false, false]);
  await app.caller.api_keys.remove({ id: revoked!.id });
  await app.services.db.api_key.update({ where: { id: over!.id }, data: { expires_at: new Date(Date.now() - 1000) } });
  await expect.poll(() => watched.map(({ aborted }) => aborted)).toEqual([true, true, false]);
});

test('nor after signing out', async () => {
  const [mine, other] = await Promise.all(
    [1, 2].map(async () => {
      const token = (await app.signIn()).split('=')[1]!;
      return (await findSessionCaller(app.services, token, () => {}))!;
    }),
  );
  const watched = [watch(mine!), watch(other!)];
  await signOut({ ...app.services, caller: mine! });
  await expect.poll(() => watched.map(({ aborted }) => aborted)).toEqual([true, false]);
});

test('a stream that has ended is looked at no more', async () => {
  const { id, caller } = await keyCaller('ended');
  const until = new AbortController();
  const watched = watch(caller, until);
  until.abort();
  await app.caller.api_keys.remove({ id });
  await sleep(100);
  expect(watched.aborted).toBe(false);
});
