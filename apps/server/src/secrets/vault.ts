import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { EncryptedValue } from '@touchstone/db';

const TAG_BYTES = 16;
const NONCE_BYTES = 12;

/** A value cannot be decrypted: it was encrypted with another key, or was changed or moved to another name. */
export class VaultError extends Error {}

/** Encrypts secrets at rest. */
export type Vault = {
  encrypt(name: string, value: string): EncryptedValue;
  /** @throws VaultError */
  decrypt(name: string, encrypted: EncryptedValue): string;
};

/**
 * AES-256-GCM with the secret's name as associated data, so that whoever can write the table cannot pass one secret off
 * as another. `key_id` tells which key a value was encrypted with.
 */
export function createVault(key: Uint8Array): Vault {
  if (key.length !== 32) throw new VaultError(`The server's key has ${key.length} bytes, not 32.`);
  const key_id = createHash('sha256').update(key).digest('hex').slice(0, 8);

  return {
    encrypt(name, value) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name));
      const ciphertext = Buffer.concat([cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return { key_id, nonce: new Uint8Array(nonce), ciphertext: new Uint8Array(ciphertext) };
    },
    decrypt(name, { key_id: used, nonce, ciphertext }) {
      if (used !== key_id) {
        throw new VaultError(`It was encrypted with the key ${used}, and this server has ${key_id}.`);
      }
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
        decipher.setAAD(Buffer.from(name)).setAuthTag(ciphertext.subarray(-TAG_BYTES));
        return decipher.update(ciphertext.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        throw new VaultError('What the database holds is not what was encrypted under this name.');
      }
    },
  };
}
