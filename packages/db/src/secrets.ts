import type { Db } from './client.ts';
import type { secret } from './generated/client.ts';

export type SecretRecord = Pick<secret, 'name' | 'last4' | 'created_at' | 'updated_at'>;
/** AES-256-GCM: the ciphertext ends with its tag. */
export type EncryptedValue = Pick<secret, 'key_id' | 'nonce' | 'ciphertext'>;

const SHOWN = { name: true, last4: true, created_at: true, updated_at: true } as const;

/** By name, without their values. */
export async function listSecrets(db: Db): Promise<SecretRecord[]> {
  return db.secret.findMany({ select: SHOWN, orderBy: { name: 'asc' } });
}

/** Makes the secret or replaces its value. */
export async function putSecret(
  db: Db,
  { name, ...value }: { name: string; last4: string } & EncryptedValue,
): Promise<SecretRecord> {
  return db.secret.upsert({ where: { name }, create: { name, ...value }, update: value, select: SHOWN });
}

export async function findSecretValue(db: Db, name: string): Promise<EncryptedValue | null> {
  return db.secret.findUnique({ where: { name }, select: { key_id: true, nonce: true, ciphertext: true } });
}

/** False where there was none. */
export async function deleteSecret(db: Db, name: string): Promise<boolean> {
  const { count } = await db.secret.deleteMany({ where: { name } });
  return count > 0;
}
