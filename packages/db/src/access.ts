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
