/** The keys of an installation: made once, kept in HOME/keys, mode 0600. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, writeJson } from './home.ts';

export interface Keys {
  /** 32 random bytes, base64: encrypts secrets at rest. */
  serverKeyFile: string;
  /** X25519, raw 32 bytes, base64: secrets are sealed to the public one, only Ray's nodes have the private one. */
  jobPublicKeyFile: string;
  jobPrivateKeyFile: string;
  /** `{ url, api_key }`: how the command line signs in. */
  credentialFile: string;
  apiKey: string;
  rayToken: string;
  postgresPasswordFile: string;
}

/** Makes the keys that are missing and writes the address into the command line's credential. */
export function openKeys(folder: string, url: string): Keys {
  const file = (name: string) => join(folder, name);
  const jobPublicKeyFile = file('job-public.key');
  const jobPrivateKeyFile = file('job-private.key');
  if (!existsSync(jobPublicKeyFile) || !existsSync(jobPrivateKeyFile)) {
    const { d, x } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
    writeSecret(jobPrivateKeyFile, Buffer.from(d ?? '', 'base64url').toString('base64'));
    writeSecret(jobPublicKeyFile, Buffer.from(x ?? '', 'base64url').toString('base64'));
  }
  const credentialFile = file('credential.json');
  const credential = readJson(credentialFile) as { url?: string; api_key?: string } | null;
  const apiKey = credential?.api_key ?? `tsk_${randomBytes(32).toString('base64url')}`;
  writeJson(credentialFile, { url, api_key: apiKey });
  return {
    serverKeyFile: secretFile(file('server.key'), () => randomBytes(32).toString('base64')),
    jobPublicKeyFile,
    jobPrivateKeyFile,
    credentialFile,
    apiKey,
    rayToken: readFileSync(
      secretFile(file('ray-token'), () => randomBytes(32).toString('hex')),
      'utf8',
    ),
    postgresPasswordFile: secretFile(file('postgres-password'), () => randomBytes(24).toString('base64url')),
  };
}

/** The file with a secret, made by `create` where it is missing. */
export function secretFile(file: string, create: () => string): string {
  if (!existsSync(file)) writeSecret(file, create());
  return file;
}

function writeSecret(file: string, value: string): void {
  writeFileSync(file, value, { mode: 0o600 });
}
