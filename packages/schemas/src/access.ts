import { z } from 'zod';
import { Id, Name, object, Timestamp } from './common.ts';

/** What somebody may do, each including those before it: look; change and run; everything, keys and settings included. */
export const SCOPES = ['read', 'run', 'owner'] as const;
export const Scope = z.enum(SCOPES);
export type Scope = z.infer<typeof Scope>;

/** Of a key that a program gets: never `owner`, so that no key can make another. */
export const ApiKeyScope = z.enum(['read', 'run']);
export type ApiKeyScope = z.infer<typeof ApiKeyScope>;

export const ApiKeyCreate = object({
  name: Name,
  scope: ApiKeyScope,
  /** Null: it never expires. */
  expires_in_days: z.int().min(1).max(3650).nullable(),
});
export type ApiKeyCreate = z.infer<typeof ApiKeyCreate>;

export const ApiKey = object({
  id: Id,
  name: Name,
  scope: ApiKeyScope,
  last4: z.string(),
  created_at: Timestamp,
  /** Null: never. */
  expires_at: Timestamp.nullable(),
  /** To the minute; null: never. */
  last_used_at: Timestamp.nullable(),
});
export type ApiKey = z.infer<typeof ApiKey>;

/** The only answer that ever holds the key, `tsk_…`: the server keeps its hash. */
export const ApiKeyCreated = ApiKey.extend({ key: z.string() });
export type ApiKeyCreated = z.infer<typeof ApiKeyCreated>;
