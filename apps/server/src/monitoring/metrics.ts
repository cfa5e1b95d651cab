import { countJobs, measureJobsLag, measureOutbox } from '@touchstone/db';
import { SERVICE_NAMES } from '@touchstone/schemas';
import type { Services } from '../context.ts';
import { getStatus } from '../status/service.ts';
import { VERSION } from '../version.ts';

/** The database is asked again after so long, however often somebody scrapes. */
const COUNT_EVERY_MS = 10_000;

/** Writes what there is to measure in Prometheus' text format. */
export function createMetrics(services: Services): { contentType: string; render(): Promise<string> } {
  const { meter, changes } = services;
  let counted = Number.NEGATIVE_INFINITY;
  meter.info.set({ version: VERSION }, 1);
  return {
    contentType: meter.registry.contentType,
    async render() {
      if (performance.now() - counted > COUNT_EVERY_MS) {
        counted = performance.now();
        await count(services);
      }
      meter.live_connections.set(changes.listeners());
      return meter.registry.metrics();
    },
  };
}

async function count({ db, env, meter }: Services): Promise<void> {
  const [jobs, lag_s, outbox, { services, storage }] = await Promise.all([
    countJobs(db),
    measureJobsLag(db),
    measureOutbox(db),
    getStatus({ db, env }),
  ]);
  meter.jobs.reset();
  for (const { kind, status, n } of jobs) meter.jobs.set({ kind, status }, n);
  meter.jobs_lag_seconds.set(lag_s);
  meter.outbox_records.set(outbox.unsent);
  meter.outbox_age_seconds.set(outbox.oldest_s);
  for (const service of SERVICE_NAMES) {
    const { state } = services[service];
    meter.service_up.set({ service }, state === 'ok' || state === 'degraded' ? 1 : 0);
  }
  if (storage) meter.storage_free_bytes.set(storage.disk.free_bytes);
  if (storage?.used_bytes != null) meter.storage_used_bytes.set(storage.used_bytes);
}
