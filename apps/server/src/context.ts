import type { Database } from '@touchstone/db';
import type { RayClient } from '@touchstone/ray-client';
import type { Storage } from '@touchstone/storage';
import type { Tracking } from '@touchstone/tracking';
import type { FastifyBaseLogger } from 'fastify';
import type { Env } from './env.ts';
import type { RowStore } from './rows/store.ts';
import type { Vault } from './secrets/vault.ts';

/** What the server works with: made once in main.ts, handed to every service. */
export type Services = {
  env: Env;
  db: Database;
  storage: Storage;
  ray: RayClient;
  tracking: Tracking;
  vault: Vault;
  /** To which secrets are sealed for jobs: X25519, raw. */
  job_public_key: Uint8Array;
  row_store: RowStore;
  log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error' | 'debug'>;
};

export type User = { id: string; name: string };

/** Who asks, and how they showed it. */
export type Caller = { user: User; via: 'session' | 'api_key' };

/** Of one request. `caller` is null where nobody has signed in. */
export type RequestContext = Services & { caller: Caller | null };

/** Of a procedure that somebody signed in for. */
export type Ctx = Services & { user: User };
