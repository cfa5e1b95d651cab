import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openKeys } from './keys.ts';

function keysFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('keys are made once and are for their owner alone', () => {
  const folder = keysFolder();
  const first = openKeys(folder, 'http://127.0.0.1:1');
  const contents = () => readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  const before = contents();
  const second = openKeys(folder, 'http://127.0.0.1:1');
  expect(contents()).toEqual(before);
  expect(second).toEqual(first);
  expect(readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual(before.map(() => 0o600));
});

test('the credential follows the address and keeps its key', () => {
  const folder = keysFolder();
  const { apiKey, credentialFile } = openKeys(folder, 'http://127.0.0.1:1');
  openKeys(folder, 'http://127.0.0.1:2');
  expect(JSON.parse(readFileSync(credentialFile, 'utf8'))).toEqual({ url: 'http://127.0.0.1:2', api_key: apiKey });
  expect(apiKey).toMatch(/^tsk_[\w-]{40,}$/);
});

test('the job keys are the two halves of one X25519 pair, raw and in base64', () => {
  const { jobPublicKeyFile, jobPrivateKeyFile } = openKeys(keysFolder(), 'http://127.0.0.1:1');
  const raw = (file: string) => Buffer.from(readFileSync(file, 'utf8'), 'base64');
  expect([raw(jobPublicKeyFile).length, raw(jobPrivateKeyFile).length]).toEqual([32, 32]);
  const jwk = { kty: 'OKP', crv: 'X25519', x: raw(jobPublicKeyFile).toString('base64url') };
  const key = createPrivateKey({ format: 'jwk', key: { ...jwk, d: raw(jobPrivateKeyFile).toString('base64url') } });
  expect(createPublicKey(key).export({ format: 'jwk' })).toEqual(jwk);
});
