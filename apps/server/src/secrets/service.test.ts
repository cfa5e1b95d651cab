import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestServer, type TestServer } from '../testing/services.ts';
import { openSecret } from './service.ts';
import { createVault } from './vault.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

const VALUE = 'sk-0123456789-abcd';

test('a value goes in and does not come out, but for its last four characters', async () => {
  const set = await server.caller.secrets.set({ name: 'long_key', value: VALUE });
  expect(set).toMatchObject({ name: 'long_key', last4: 'abcd' });
  expect(await server.caller.secrets.set({ name: 'short_key', value: '12345678901' })).toMatchObject({ last4: '' });
  const listed = await server.caller.secrets.list();
  expect(listed.map(({ name }) => name)).toEqual(['long_key', 'short_key']);
  expect(JSON.stringify(listed)).not.toContain(VALUE);
  const kept = await server.services.db.secret.findMany();
  for (const { ciphertext } of kept) expect(Buffer.from(ciphertext).includes(VALUE)).toBe(false);
  expect(await openSecret(server.services, 'long_key')).toBe(VALUE);
});

test('setting it again replaces the value', async () => {
  const first = await server.caller.secrets.set({ name: 'changed', value: 'first-value-1111' });
  const second = await server.caller.secrets.set({ name: 'changed', value: 'second-value-2222' });
  expect(second.created_at).toBe(first.created_at);
  expect(Date.parse(second.updated_at)).toBeGreaterThanOrEqual(Date.parse(first.updated_at));
  expect(await openSecret(server.services, 'changed')).toBe('second-value-2222');
});

test('one that is removed is gone, and what is not there is said', async () => {
  await server.caller.secrets.set({ name: 'removed', value: 'value' });
  expect(await server.caller.secrets.remove({ name: 'removed' })).toEqual({ name: 'removed' });
  await expect(server.caller.secrets.remove({ name: 'removed' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(openSecret(server.services, 'removed')).rejects.toThrow(/no secret "removed".*secrets set removed/);
});

test('whoever can write the table cannot pass one secret off as another', async () => {
  const { db } = server.services;
  await server.caller.secrets.set({ name: 'mine', value: 'my-own-value' });
  await server.caller.secrets.set({ name: 'theirs', value: 'their-value' });
  const { ciphertext, nonce } = await db.secret.findUniqueOrThrow({ where: { name: 'theirs' } });
  await db.secret.update({ where: { name: 'mine' }, data: { ciphertext, nonce } });
  await expect(openSecret(server.services, 'mine')).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('with another server key, the person is told to store it once more', async () => {
  await server.caller.secrets.set({ name: 'old', value: 'value' });
  const other = { ...server.services, vault: createVault(randomBytes(32)) };
  await expect(openSecret(other, 'old')).rejects.toThrow(/"old" cannot be read; store it once more/);
});
