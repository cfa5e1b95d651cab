import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiKey, ApiKeyCreated } from '@touchstone/schemas';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApp, type TestApp } from '../testing/http.ts';
import { hashToken } from './tokens.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.stop());

const create = (name: string, expires_in_days: number | null = 30): Promise<ApiKeyCreated> =>
  app.caller.api_keys.create({ name, scope: 'read', expires_in_days });
const ask = (key: string) => fetch(`${app.url}/api/session`, { headers: { authorization: `Bearer ${key}` } });
const find = async (id: string): Promise<ApiKey> =>
  (await app.caller.api_keys.list()).find((one) => one.id === id) ?? expect.fail('the key is not listed');

test('a key is told once, works until it is revoked, and is kept as a hash', async () => {
  const { key, ...shown } = await create('once');
  expect(key).toMatch(/^tsk_[A-Za-z0-9_-]{43}$/);
  expect(shown).toMatchObject({ name: 'once', scope: 'read', last4: key.slice(-4), last_used_at: null });
  expect((await ask(key)).status).toBe(200);
  expect(JSON.stringify(await app.caller.api_keys.list())).not.toContain(key);
  const kept = JSON.stringify(await app.services.db.api_key.findMany());
  expect(kept).toContain(hashToken(key));
  expect(kept).not.toContain(key);
  await app.caller.api_keys.remove({ id: shown.id });
  const refused = await ask(key);
  expect([refused.status, await refused.text()]).toEqual([401, expect.stringContaining('revoked')]);
  await expect(app.caller.api_keys.remove({ id: shown.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(app.logs()).not.toContain(key);
});

test('it lasts as many days as were asked for, or for good; when it is over it says so', async () => {
  const month = await create('a month');
  expect((Date.parse(month.expires_at!) - Date.now()) / 86_400_000).toBeCloseTo(30, 1);
  expect((await create('for good', null)).expires_at).toBe(null);
  await app.services.db.api_key.update({ where: { id: month.id }, data: { expires_at: new Date() } });
  await sleep(20);
  const refused = await ask(month.key);
  expect([refused.status, await refused.json()]).toEqual([
    401,
    { error: { code: 'UNAUTHORIZED', message: expect.stringContaining('has expired') } },
  ]);
});

test('two of one name are refused, and the name of the key of the command line', async () => {
  await create('twice');
  await expect(create('twice')).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('There is an API key named "twice" already'),
  });
  await expect(create('local')).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('command'),
  });
});

test('when it was last used is known to the minute, and written at most once in one', async () => {
  const { id, key } = await create('used');
  await ask(key);
  await expect.poll(async () => (await find(id)).last_used_at).not.toBe(null);
  const first = (await find(id)).last_used_at!;
  expect(Math.abs(Date.parse(first) - Date.now())).toBeLessThan(60_000);
  await Promise.all(Array.from({ length: 5 }, () => ask(key)));
  await sleep(200);
  expect((await find(id)).last_used_at).toBe(first);
  const earlier = new Date(Date.parse(first) - 61_000);
  await app.services.db.api_key.update({ where: { id }, data: { last_used_at: earlier } });
  await ask(key);
  await expect.poll(async () => (await find(id)).last_used_at).not.toBe(earlier.toISOString());
});

test("the command line's own key is not listed and cannot be revoked", async () => {
  expect((await app.caller.api_keys.list()).map(({ name }) => name)).not.toContain('local');
  const { id } = await app.services.db.api_key.findFirstOrThrow({ where: { name: 'local' } });
  await expect(app.caller.api_keys.remove({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect((await ask(app.api_key)).status).toBe(200);
});

test('a name is a name: none, blank and too long are refused', async () => {
  for (const name of ['', '   ', 'x'.repeat(201), 'nul\0']) {
    await expect(create(name)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  }
  await expect(create('no days', 0)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});
