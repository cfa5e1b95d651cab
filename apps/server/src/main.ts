import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { MigrationError, migrate, openDatabase } from '@touchstone/db';
import { createRayClient } from '@touchstone/ray-client';
import { openStorage } from '@touchstone/storage';
import { createMlflowTracking } from '@touchstone/tracking';
import { type Logger, pino } from 'pino';
import { ensureOwner } from './access/service.ts';
import type { Services } from './context.ts';
import { createHealthScans } from './datasets/health/scans.ts';
import { type Env, readEnv } from './env.ts';
import { openChanges } from './events/changes.ts';
import { buildApp } from './http/app.ts';
import { readApiKey, readKey } from './key-files.ts';
import { createMeter } from './monitoring/meter.ts';
import { startReconciler } from './reconciler/reconciler.ts';
import { openRowStore } from './rows/store.ts';
import { createVault } from './secrets/vault.ts';
import { createSharedReads } from './shared-reads.ts';
import { startProber } from './status/prober.ts';

/** The database may still be starting. */
const DATABASE_WITHIN_MS = 30_000;
/** Requests that are under way get so long when the server stops; all of the stop takes at most the second. */
const REQUESTS_WITHIN_MS = 2_000;
const STOP_WITHIN_MS = 4_500;

async function prepareDatabase(url: string, log: Logger): Promise<void> {
  const until = performance.now() + DATABASE_WITHIN_MS;
  for (;;) {
    try {
      const applied = await migrate(url);
      if (applied.length > 0) log.info({ applied }, 'the database was migrated');
      return;
    } catch (error) {
      if (error instanceof MigrationError || performance.now() > until) throw error;
      await sleep(250);
    }
  }
}

async function openServices(env: Env, log: Logger): Promise<Services> {
  const [server_key, job_public_key, api_key] = await Promise.all([
    readKey(env.TOUCHSTONE_KEY_FILE),
    readKey(env.TOUCHSTONE_JOB_PUBLIC_KEY_FILE),
    readApiKey(env.TOUCHSTONE_CREDENTIAL_FILE),
  ]);
  await prepareDatabase(env.DATABASE_URL, log);
  const db = openDatabase(env.DATABASE_URL);
  const storage = await openStorage(env.TOUCHSTONE_STORAGE_URL, { public_endpoint: env.TOUCHSTONE_S3_PUBLIC_ENDPOINT });
  const services: Services = {
    env,
    db,
    storage,
    ray: createRayClient({ url: env.RAY_ADDRESS_HTTP, token: env.RAY_AUTH_TOKEN }),
    tracking: createMlflowTracking({ url: env.MLFLOW_TRACKING_URI }),
    vault: createVault(server_key),
    job_public_key,
    row_store: await openRowStore(storage, {
      dir: env.TOUCHSTONE_CACHE_DIR,
      limit_bytes: env.TOUCHSTONE_CACHE_LIMIT_MB * 1024 * 1024,
    }),
    health_scans: createHealthScans(),
    changes: openChanges(env.DATABASE_URL),
    share_read: createSharedReads(),
    meter: createMeter(),
    log,
  };
  await ensureOwner(services, api_key);
  return services;
}

/** Starts the server. The returned function stops it: in less than five seconds, whatever hangs. */
async function start(env: Env, log: Logger): Promise<() => Promise<void>> {
  const services = await openServices(env, log);
  const app = await buildApp(services, { logger: log });
  await app.listen({ host: env.TOUCHSTONE_HOST, port: env.TOUCHSTONE_PORT });
  process.stdout.write(`listening on ${env.TOUCHSTONE_URL}\n`);
  const reconciler = startReconciler(services);
  const prober = startProber(services);

  return async () => {
    const cut = setTimeout(() => app.server.closeAllConnections(), REQUESTS_WITHIN_MS);
    await Promise.allSettled([app.close(), reconciler.stop(), prober.stop()]);
    clearTimeout(cut);
    await services.changes.stop();
    await services.health_scans.close();
    services.row_store.close();
    await services.db.$disconnect();
  };
}

function stopOnSignals(stop: () => Promise<void>, log: Logger): void {
  let isStopping = false;
  const onSignal = async (signal: NodeJS.Signals) => {
    if (isStopping) return;
    isStopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref();
    await stop().catch((error) => log.error({ err: error }, 'stopping failed'));
    process.exit(0);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

/**
 * A body that streams through is memory outside of V8's heap, for every few megabytes of which V8 would mark the whole heap. A heap
 * that may double until then took a quarter off the processor time of an upload of 1 GB, for 20 MB.
 */
setFlagsFromString('--heap-growing-percent=100');

async function main(): Promise<void> {
  const env = readEnv();
  const log = pino({ level: env.LOG_LEVEL, base: undefined, timestamp: pino.stdTimeFunctions.isoTime });
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a rejected promise was not handled'));
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'an exception was not caught');
    process.exit(1);
  });
  stopOnSignals(await start(env, log), log);
}

main().catch((error: Error) => {
  const reason =
    error instanceof AggregateError ? error.errors.map((one: Error) => one.message).join('; ') : error.message;
  process.stderr.write(`Touchstone's server could not start: ${reason.replaceAll('\n', ' ')}\n`);
  process.exit(1);
});
