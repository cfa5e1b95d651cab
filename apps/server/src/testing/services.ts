/** What tests of the server are made of: every part real, in a database and a folder of their own. */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { migrate, openDatabase } from '@touchstone/db';
import { createTestDatabase } from '@touchstone/local-stack';
import { createRayClient } from '@touchstone/ray-client';
import { openStorage } from '@touchstone/storage';
import { createMemoryTracking } from '@touchstone/tracking';
import pino from 'pino';
import { ensureOwner } from '../access/service.ts';
import { hashToken } from '../access/tokens.ts';
import type { Ctx, Services } from '../context.ts';
import { createHealthScans } from '../datasets/health/scans.ts';
import { readEnv } from '../env.ts';
import { openChanges } from '../events/changes.ts';
import { createMeter } from '../monitoring/meter.ts';
import { appRouter } from '../router.ts';
import { openRowStore } from '../rows/store.ts';
import { createVault } from '../secrets/vault.ts';
import { createSharedReads } from '../shared-reads.ts';
import { createCallerFactory } from '../trpc.ts';

const createCaller = createCallerFactory(appRouter);

export type TestServer = {
  services: Services;
  /** Of the owner. */
  ctx: Ctx;
  caller: ReturnType<typeof createCaller>;
  folder: string;
  storage_url: string;
  /** Raw X25519 in base64, as Ray's nodes have it. */
  job_private_key: string;
  stop(): Promise<void>;
};

const NO_RAY = { url: 'http://127.0.0.1:2', token: 'none' };

export type TestServerOptions = {
  /** Left out: nothing answers where Ray should be. */
  ray?: { url: string; token: string };
  /** Left out: a folder. */
  storage_url?: string;
  s3_public_endpoint?: string;
};

export async function openTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { ray = NO_RAY } = options;
  const database = await createTestDatabase({ template: 'server', prepare: async (url) => void (await migrate(url)) });
  const folder = await mkdtemp(join(tmpdir(), 'touchstone-test-'));
  const storage_url = options.storage_url ?? pathToFileURL(join(folder, 'storage')).href;
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const raw = (key: typeof publicKey, part: 'x' | 'd') =>
    Buffer.from(key.export({ format: 'jwk' })[part]!, 'base64url');
  const env = readEnv({
    TOUCHSTONE_PORT: '0',
    TOUCHSTONE_URL: 'http://127.0.0.1:4300',
    DATABASE_URL: database.url,
    TOUCHSTONE_STORAGE_URL: storage_url,
    TOUCHSTONE_S3_PUBLIC_ENDPOINT: options.s3_public_endpoint,
    RAY_ADDRESS_HTTP: ray.url,
    MLFLOW_TRACKING_URI: 'http://127.0.0.1:2',
    TOUCHSTONE_KEY_FILE: 'unused',
    TOUCHSTONE_JOB_PUBLIC_KEY_FILE: 'unused',
    TOUCHSTONE_CREDENTIAL_FILE: 'unused',
  });
  const db = openDatabase(database.url);
  const storage = await openStorage(storage_url, { public_endpoint: env.TOUCHSTONE_S3_PUBLIC_ENDPOINT });
  const services: Services = {
    env,
    db,
    storage,
    ray: createRayClient(ray),
    tracking: createMemoryTracking(),
    vault: createVault(randomBytes(32)),
    job_public_key: raw(publicKey, 'x'),
    row_store: await openRowStore(storage, { dir: join(folder, 'cache'), limit_bytes: 64 * 1024 * 1024 }),
    health_scans: createHealthScans(),
    changes: openChanges(database.url),
    share_read: createSharedReads(),
    meter: createMeter(),
    log: pino({ level: 'error' }),
  };
  const api_key = `tsk_${randomUUID()}`;
  const user = await ensureOwner(services, api_key);
  return {
    services,
    ctx: { ...services, user, scope: 'owner' },
    caller: createCaller({
      ...services,
      caller: { user, via: 'api_key', scope: 'owner', token_hash: hashToken(api_key) },
    }),
    folder,
    storage_url,
    job_private_key: raw(privateKey, 'd').toString('base64'),
    stop: async () => {
      await services.changes.stop();
      await services.health_scans.close();
      services.row_store.close();
      await db.$disconnect();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
