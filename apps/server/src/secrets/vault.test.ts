import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createVault, VaultError } from './vault.ts';

const vault = createVault(randomBytes(32));

test('what is encrypted comes back, and looks different each time', () => {
  const first = vault.encrypt('a_key', 'sk-päss');
  expect(vault.decrypt('a_key', first)).toBe('sk-päss');
  const second = vault.encrypt('a_key', 'sk-päss');
  expect(Buffer.from(second.ciphertext).equals(Buffer.from(first.ciphertext))).toBe(false);
  expect(Buffer.from(first.ciphertext).toString('latin1')).not.toContain('sk-');
});

test('any bit that is changed is noticed', () => {
  const encrypted = vault.encrypt('a_key', 'value');
  for (const part of ['nonce', 'ciphertext'] as const) {
    for (let i = 0; i < encrypted[part].length; i++) {
      const changed = Uint8Array.from(encrypted[part]);
      changed[i]! ^= 1;
      expect(() => vault.decrypt('a_key', { ...encrypted, [part]: changed })).toThrow(VaultError);
    }
  }
});

test('a value that is cut short is noticed', () => {
  const encrypted = vault.encrypt('a_key', 'value');
  for (let length = 0; length < encrypted.ciphertext.length; length++) {
    const cut = { ...encrypted, ciphertext: encrypted.ciphertext.slice(0, length) };
    expect(() => vault.decrypt('a_key', cut)).toThrow(VaultError);
  }
});

test('one secret cannot be passed off as another', () => {
  expect(() => vault.decrypt('another_key', vault.encrypt('a_key', 'value'))).toThrow(VaultError);
});

test('a value of another server key names both keys', () => {
  const other = createVault(randomBytes(32)).encrypt('a_key', 'value');
  expect(() => vault.decrypt('a_key', other)).toThrow(
    new RegExp(`key ${other.key_id}, and this server has [0-9a-f]{8}`),
  );
});

test('a key has 32 bytes', () => {
  expect(() => createVault(randomBytes(31))).toThrow(VaultError);
});
