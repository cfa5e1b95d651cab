import type { Database } from '@touchstone/db';
import type { RayClient } from '@touchstone/ray-client';
import type { Scope } from '@touchstone/schemas';
import type { Storage } from '@touchstone/storage';
import type { Tracking } from '@touchstone/tracking';
import type { FastifyBaseLogger } from 'fastify';
import type { HealthScans } from './datasets/health/scans.ts';
import type { Env } from './env.ts';
import type { Changes } from './events/changes.ts';
import type { Meter } from './monitoring/meter.ts';
import type { RowStore } from './rows/store.ts';
import type { Vault } from './secrets/vault.ts';
import type { SharedReads } from './shared-reads.ts';

/** What the server works with: made once in main.ts, handed to every service. */
export type Services = {
  env: Env;
  db: Database;
  storage: Storage;
  ray: RayClient;
  tracking: Tracking;
  vault: Vault;
  /** Raw X25519: secrets are sealed to it for jobs. */
  job_public_key: Uint8Array;
  row_store: RowStore;
  health_scans: HealthScans;
  changes: Changes;
  share_read: SharedReads;
  meter: Meter;
  log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error' | 'debug'>;
};

export type User = { id: string; name: string };

/** Who asks, how they showed it, and what they may do. `forget_session` takes the cookie back from the browser. */
export type Caller = { user: User; scope: Scope; token_hash: string } & (
  | { via: 'api_key' }
  | { via: 'session'; forget_session: () => void }
);

/** Of one request. `caller` is null where nobody has signed in. */
export type RequestContext = Services & { caller: Caller | null };

/** Of a procedure that somebody signed in for. */
export type Ctx = Services & { user: User; scope: Scope };
