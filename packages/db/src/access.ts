import { randomUUID } from 'node:crypto';
import type { Scope } from '@touchstone/schemas';
import type { Db } from './client.ts';

export type UserRecord = { id: string; name: string };

/** The user with this name, made where there is none. */
export async function ensureUser(db: Db, name: string): Promise<UserRecord> {
  const { id } = await db.user.upsert({ where: { name }, create: { id: randomUUID(), name }, update: {} });
  return { id, name };
}

/** Keeps a link for so many seconds by the database's clock, and drops those that are over. Returns when it ends. */
export async function insertSignInLink(
  db: Db,
  { token_hash, user_id, seconds }: { token_hash: string; user_id: string; seconds: number },
): Promise<Date> {
  await db.$executeRaw`DELETE FROM sign_in_link WHERE expires_at < now()`;
  const rows = await db.$queryRaw<{ expires_at: Date }[]>`
    INSERT INTO sign_in_link (token_hash, user_id, expires_at)
    VALUES (${token_hash}, ${user_id}::uuid, now() + make_interval(secs => ${seconds})) RETURNING expires_at`;
  return rows[0]!.expires_at;
}

/** Spends a link: of any number of requests at once, one gets its user. Null where it is unknown, used or over. */
export async function spendSignInLink(db: Db, token_hash: string): Promise<string | null> {
  const rows = await db.$queryRaw<{ user_id: string }[]>`
    UPDATE sign_in_link SET used_at = now()
    WHERE token_hash = ${token_hash} AND used_at IS NULL AND expires_at > now() RETURNING user_id`;
  return rows[0]?.user_id ?? null;
}

/** Keeps a session for so many seconds by the database's clock, and drops those that are over. */
export async function insertSession(
  db: Db,
  { token_hash, user_id, seconds }: { token_hash: string; user_id: string; seconds: number },
): Promise<void> {
  await db.$executeRaw`DELETE FROM session WHERE expires_at < now()`;
  await db.$executeRaw`
    INSERT INTO session (token_hash, user_id, expires_at)
    VALUES (${token_hash}, ${user_id}::uuid, now() + make_interval(secs => ${seconds}))`;
}

/** Null where there is no such session or it is over. */
export async function findSessionUser(db: Db, token_hash: string): Promise<UserRecord | null> {
  const rows = await db.$queryRaw<UserRecord[]>`
    SELECT u.id, u.name FROM session s JOIN "user" u ON u.id = s.user_id
    WHERE s.token_hash = ${token_hash} AND s.expires_at > now()`;
  return rows[0] ?? null;
}

export async function deleteSession(db: Db, token_hash: string): Promise<void> {
  await db.session.deleteMany({ where: { token_hash } });
}

/** Keeps a user's API key of this name, which never expires; another one that it had before stops working. */
export async function putApiKey(
  db: Db,
  { user_id, name, ...key }: { user_id: string; name: string; scope: Scope; key_hash: string; last4: string },
): Promise<void> {
  await db.api_key.upsert({
    where: { user_id_name: { user_id, name } },
    create: { id: randomUUID(), user_id, name, ...key },
    update: key,
  });
}

export type ApiKeyRecord = {
  id: string;
  name: string;
  scope: Scope;
  last4: string;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
};

/** Newest first. */
export async function listApiKeys(db: Db, user_id: string): Promise<ApiKeyRecord[]> {
  return db.api_key.findMany({
    where: { user_id },
    omit: { user_id: true, key_hash: true },
    orderBy: [{ created_at: 'desc' }, { id: 'desc' }],
  });
}

/** Keeps a key for so many days by the database's clock, null: for good. Null where the user has one of this name. */
export async function insertApiKey(
  db: Db,
  key: {
    user_id: string;
    name: string;
    scope: Scope;
    expires_in_days: number | null;
    key_hash: string;
    last4: string;
  },
): Promise<ApiKeyRecord | null> {
  const rows = await db.$queryRaw<ApiKeyRecord[]>`
    INSERT INTO api_key (id, user_id, name, scope, key_hash, last4, expires_at)
    VALUES (${randomUUID()}::uuid, ${key.user_id}::uuid, ${key.name}, ${key.scope}::api_key_scope, ${key.key_hash},
      ${key.last4}, now() + make_interval(days => ${key.expires_in_days}::int))
    ON CONFLICT (user_id, name) DO NOTHING
    RETURNING id, name, scope::text AS scope, last4, created_at, expires_at, last_used_at`;
  return rows[0] ?? null;
}

/** False where the user has no such key. The command line's own cannot be deleted. */
export async function deleteApiKey(db: Db, { user_id, id }: { user_id: string; id: string }): Promise<boolean> {
  const { count } = await db.api_key.deleteMany({ where: { id, user_id, scope: { not: 'owner' } } });
  return count > 0;
}

export type ApiKeyHolder = {
  id: string;
  scope: Scope;
  user: UserRecord;
  is_expired: boolean;
  /** Its last use was noted less than a minute ago. */
  is_use_noted: boolean;
};

/** Who holds this key, by the database's clock. Null where nobody does. */
export async function findApiKeyHolder(db: Db, key_hash: string): Promise<ApiKeyHolder | null> {
  type Row = Omit<ApiKeyHolder, 'user'> & { user_id: string; user_name: string };
  const [row] = await db.$queryRaw<Row[]>`
    SELECT k.id, k.scope::text AS scope, u.id AS user_id, u.name AS user_name,
      coalesce(k.expires_at <= now(), false) AS is_expired,
      coalesce(k.last_used_at > now() - interval '1 minute', false) AS is_use_noted
    FROM api_key k JOIN "user" u ON u.id = k.user_id WHERE k.key_hash = ${key_hash}`;
  if (!row) return null;
  const { user_id, user_name, ...key } = row;
  return { ...key, user: { id: user_id, name: user_name } };
}

export async function noteApiKeyUse(db: Db, id: string): Promise<void> {
  await db.$executeRaw`
    UPDATE api_key SET last_used_at = now()
    WHERE id = ${id}::uuid AND (last_used_at IS NULL OR last_used_at <= now() - interval '1 minute')`;
}
