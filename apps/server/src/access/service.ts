import {
  deleteSession,
  ensureUser,
  findApiKeyHolder,
  findSessionUser,
  insertSession,
  insertSignInLink,
  noteApiKeyUse,
  putApiKey,
  spendSignInLink,
} from '@touchstone/db';
import type { SignInLink } from '@touchstone/schemas';
import type { Caller, Ctx, RequestContext, Services, User } from '../context.ts';
import { AppError } from '../errors.ts';
import { SESSION_SECONDS } from './cookie.ts';
import { API_KEY_PREFIX, createToken, hashToken } from './tokens.ts';

const OWNER = 'owner';
/** The key of the command line beside the server. */
export const LOCAL_KEY = 'local';
const LINK_SECONDS = 15 * 60;

/** The same for a link that is unknown, used or over: who holds a wrong one learns nothing. */
const LINK_REFUSED = 'This sign-in link has expired or was used before. `npx touchstone login` prints a new one.';

/** Makes the one user there is, and lets in the API key of the local command line; a key that it had before is let in no more. */
export async function ensureOwner(services: Pick<Services, 'db'>, api_key: string): Promise<User> {
  const owner = await ensureUser(services.db, OWNER);
  const key = { key_hash: hashToken(api_key), last4: api_key.slice(-4) };
  await putApiKey(services.db, { user_id: owner.id, name: LOCAL_KEY, scope: 'owner', ...key });
  return owner;
}

/** Null where nobody has this key. That it was used is written down without making its holder wait. */
export async function findApiKeyCaller(
  { db, log }: Pick<Services, 'db' | 'log'>,
  api_key: string,
): Promise<Caller | 'expired' | null> {
  if (!api_key.startsWith(API_KEY_PREFIX)) return null;
  const token_hash = hashToken(api_key);
  const holder = await findApiKeyHolder(db, token_hash);
  if (!holder) return null;
  if (holder.is_expired) return 'expired';
  if (!holder.is_use_noted) {
    noteApiKeyUse(db, holder.id).catch((error) => log.warn({ err: error }, 'the use of an API key was not noted'));
  }
  return { user: holder.user, via: 'api_key', scope: holder.scope, token_hash };
}

/** Null where there is no such session, or it is over. */
export async function findSessionCaller(
  { db }: Pick<Services, 'db'>,
  token: string,
  forget_session: () => void,
): Promise<Caller | null> {
  const token_hash = hashToken(token);
  const user = await findSessionUser(db, token_hash);
  return user && { user, via: 'session', scope: 'owner', token_hash, forget_session };
}

/** Whether somebody who was let in would be let in again. */
export async function isStillLetIn({ db }: Pick<Services, 'db'>, { via, token_hash }: Caller): Promise<boolean> {
  if (via === 'session') return (await findSessionUser(db, token_hash)) !== null;
  const holder = await findApiKeyHolder(db, token_hash);
  return holder !== null && !holder.is_expired;
}

/** @throws AppError FORBIDDEN for browsers: who took over a session shall not make more of them. */
export async function createSignInLink(ctx: Ctx & RequestContext): Promise<SignInLink> {
  if (ctx.caller?.via !== 'api_key') {
    throw new AppError('FORBIDDEN', 'Sign-in links are made with an API key: run `npx touchstone login`.');
  }
  const token = createToken();
  const expires_at = await insertSignInLink(ctx.db, {
    token_hash: hashToken(token),
    user_id: ctx.user.id,
    seconds: LINK_SECONDS,
  });
  return { url: `${ctx.env.TOUCHSTONE_URL}/sign-in?token=${token}`, expires_at: expires_at.toISOString() };
}

/**
 * Spends a sign-in link and opens a session, both or neither.
 * @returns the session's token, for the cookie.
 * @throws AppError FORBIDDEN where the link is no good.
 */
export async function openSession({ db }: Pick<Services, 'db'>, link_token: string): Promise<string> {
  const token = createToken();
  await db.$transaction(async (tx) => {
    const user_id = await spendSignInLink(tx, hashToken(link_token));
    if (user_id === null) throw new AppError('FORBIDDEN', LINK_REFUSED);
    await insertSession(tx, { token_hash: hashToken(token), user_id, seconds: SESSION_SECONDS });
  });
  return token;
}

/** Ends the browser's session. An API key has none to end. */
export async function signOut({ db, caller }: RequestContext): Promise<void> {
  if (caller?.via !== 'session') return;
  await deleteSession(db, caller.token_hash);
  caller.forget_session();
}
