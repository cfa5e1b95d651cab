import { countQueue, FRESH_S, findJobVersions, type HealthRecord, listHealth, measureOutbox } from '@touchstone/db';
import { ClusterFacts, type ServiceHealth, type Status, StorageFacts } from '@touchstone/schemas';
import type { Services } from '../context.ts';
import { VERSION } from '../version.ts';

const SERVER_STARTED = new Date().toISOString();

function toHealth(record: HealthRecord | undefined): ServiceHealth {
  if (!record) {
    const unknown = { version: null, detail: 'Not checked yet.', to_do: null, since: null, checked_at: null };
    return { state: 'down', url: null, ...unknown };
  }
  const { url, facts, since, checked_at } = record;
  const seen = {
    url,
    version: facts.version ?? null,
    since: since.toISOString(),
    checked_at: checked_at.toISOString(),
  };
  if (record.age_s > FRESH_S) {
    return { state: 'down', ...seen, detail: 'Not checked for over a minute.', to_do: 'Restart the server.' };
  }
  return { state: record.state, ...seen, detail: record.detail, to_do: record.to_do };
}

/** What the probes saw last; asks no service itself. */
export async function getStatus({ db, env }: Pick<Services, 'db' | 'env'>): Promise<Status> {
  const [health, queue, { unsent }, job_versions] = await Promise.all([
    listHealth(db),
    countQueue(db),
    measureOutbox(db),
    findJobVersions(db),
  ]);
  const records = new Map(health.map((record) => [record.name, record]));
  const server: ServiceHealth = {
    state: 'ok',
    url: env.TOUCHSTONE_URL,
    version: VERSION,
    detail: null,
    to_do: null,
    since: SERVER_STARTED,
    checked_at: new Date().toISOString(),
  };
  const { version: _, ...storage } = records.get('storage')?.facts ?? {};
  return {
    url: env.TOUCHSTONE_URL,
    version: VERSION,
    node_version: process.versions.node,
    job_versions,
    services: {
      server,
      database: toHealth(records.get('database')),
      storage: toHealth(records.get('storage')),
      ray: toHealth(records.get('ray')),
      mlflow: toHealth(records.get('mlflow')),
    },
    storage: StorageFacts.safeParse({ used_bytes: null, ...storage }).data ?? null,
    cluster: ClusterFacts.safeParse(records.get('ray')?.facts.cluster).data ?? null,
    queue: { ...queue, room: env.TOUCHSTONE_MAX_JOBS },
    records_unsent: unsent,
  };
}
