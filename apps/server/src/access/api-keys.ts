import { type ApiKeyRecord, deleteApiKey, listApiKeys as findApiKeys, insertApiKey } from '@touchstone/db';
import { type ApiKey, type ApiKeyCreate, type ApiKeyCreated, ApiKeyScope } from '@touchstone/schemas';
import type { Ctx } from '../context.ts';
import { AppError, notFound } from '../errors.ts';
import { LOCAL_KEY } from './service.ts';
import { createApiKey as createKey, hashToken } from './tokens.ts';

/** The user's keys, newest first, without the command line's own. */
export async function listApiKeys(ctx: Ctx): Promise<ApiKey[]> {
  return (await findApiKeys(ctx.db, ctx.user.id)).filter(({ scope }) => scope !== 'owner').map(toApiKey);
}

/** @throws AppError CONFLICT where the user has a key of this name. */
export async function createApiKey(ctx: Ctx, { name, scope, expires_in_days }: ApiKeyCreate): Promise<ApiKeyCreated> {
  const key = createKey();
  const record = await insertApiKey(ctx.db, {
    user_id: ctx.user.id,
    name,
    scope,
    expires_in_days,
    key_hash: hashToken(key),
    last4: key.slice(-4),
  });
  if (record === null) {
    throw new AppError(
      'CONFLICT',
      name === LOCAL_KEY
        ? `"${LOCAL_KEY}" is what the command line's own key is called: choose another name.`
        : `There is an API key named "${name}" already: choose another name, or revoke that one first.`,
    );
  }
  return { ...toApiKey(record), key };
}

/** From now on nobody is let in with it; what was started with it goes on. */
export async function removeApiKey(ctx: Ctx, id: string): Promise<{ id: string }> {
  if (!(await deleteApiKey(ctx.db, { user_id: ctx.user.id, id }))) throw notFound('API key', id);
  return { id };
}

function toApiKey({ id, name, scope, last4, created_at, expires_at, last_used_at }: ApiKeyRecord): ApiKey {
  return {
    id,
    name,
    scope: ApiKeyScope.parse(scope),
    last4,
    created_at: created_at.toISOString(),
    expires_at: expires_at?.toISOString() ?? null,
    last_used_at: last_used_at?.toISOString() ?? null,
  };
}
