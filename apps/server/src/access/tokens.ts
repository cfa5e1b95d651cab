import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits that go into an address or a header as they are. */
export function createToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What the database keeps of a token or key: it has so much randomness that a slow hash would add nothing. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export const API_KEY_PREFIX = 'tsk_';

export function createApiKey(): string {
  return API_KEY_PREFIX + createToken();
}
