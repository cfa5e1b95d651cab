import {
  deleteSecret,
  listSecrets as findSecrets,
  findSecretValue,
  putSecret,
  type SecretRecord,
} from '@touchstone/db';
import type { Secret, SecretSet } from '@touchstone/schemas';
import type { Ctx, Services } from '../context.ts';
import { AppError } from '../errors.ts';
import { VaultError } from './vault.ts';

/** Of a shorter value, four characters would say too much. */
const LONG_ENOUGH_TO_HINT = 12;

function toSecret({ name, last4, created_at, updated_at }: SecretRecord): Secret {
  return { name, last4, created_at: created_at.toISOString(), updated_at: updated_at.toISOString() };
}

const noSecret = (name: string) =>
  new AppError(
    'NOT_FOUND',
    `There is no secret "${name}": store it in Settings or with \`npx touchstone secrets set ${name}\`.`,
  );

export async function listSecrets(ctx: Ctx): Promise<Secret[]> {
  return (await findSecrets(ctx.db)).map(toSecret);
}

export async function setSecret(ctx: Ctx, { name, value }: SecretSet): Promise<Secret> {
  const last4 = value.length >= LONG_ENOUGH_TO_HINT ? value.slice(-4) : '';
  return toSecret(await putSecret(ctx.db, { name, last4, ...ctx.vault.encrypt(name, value) }));
}

/** Attempts that run keep what was sealed for them; the next attempt of a job that needs it fails, naming it. */
export async function removeSecret(ctx: Ctx, name: string): Promise<{ name: string }> {
  if (!(await deleteSecret(ctx.db, name))) throw noSecret(name);
  return { name };
}

/**
 * The value in clear: to be sealed for a job, and for nothing else.
 * @throws AppError NOT_FOUND, or CONFLICT where this server cannot decrypt it.
 */
export async function openSecret({ db, vault }: Pick<Services, 'db' | 'vault'>, name: string): Promise<string> {
  const encrypted = await findSecretValue(db, name);
  if (!encrypted) throw noSecret(name);
  try {
    return vault.decrypt(name, encrypted);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    throw new AppError('CONFLICT', `The secret "${name}" cannot be read; store it once more. ${error.message}`);
  }
}
