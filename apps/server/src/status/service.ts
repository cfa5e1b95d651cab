import { type HealthRecord, listHealth } from '@touchstone/db';
import type { ServiceHealth, Status } from '@touchstone/schemas';
import type { Services } from '../context.ts';
import { VERSION } from '../version.ts';

/** Older news is none. */
const FRESH_SECONDS = 60;
const SERVER_STARTED = new Date().toISOString();

function toHealth(record: HealthRecord | undefined): ServiceHealth {
  if (!record) return { state: 'down', url: null, detail: 'Not checked yet.', since: null, checked_at: null };
  const times = { since: record.since.toISOString(), checked_at: record.checked_at.toISOString() };
  if (record.age_s > FRESH_SECONDS) {
    return {
      state: 'down',
      url: record.url,
      detail: 'Not checked for over a minute: is a server running its checks?',
      ...times,
    };
  }
  return { state: record.state, url: record.url, detail: record.detail, ...times };
}

/** What the probes saw last; asks no service itself. */
export async function getStatus({ db, env }: Pick<Services, 'db' | 'env'>): Promise<Status> {
  const records = new Map((await listHealth(db)).map((record) => [record.name, record]));
  const server: ServiceHealth = {
    state: 'ok',
    url: env.TOUCHSTONE_URL,
    detail: VERSION,
    since: SERVER_STARTED,
    checked_at: new Date().toISOString(),
  };
  return {
    url: env.TOUCHSTONE_URL,
    version: VERSION,
    services: {
      server,
      database: toHealth(records.get('database')),
      storage: toHealth(records.get('storage')),
      ray: toHealth(records.get('ray')),
      mlflow: toHealth(records.get('mlflow')),
    },
  };
}
