import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What this process counts as it goes; `metrics.ts` adds what the database knows. No label holds a person's text. */
export type Meter = ReturnType<typeof createMeter>;

const SECONDS = [0.005, 0.02, 0.1, 0.3, 1, 3, 10, 60];

export function createMeter() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    http_seconds: new Histogram({
      name: 'touchstone_http_request_duration_seconds',
      help: 'Requests answered, by the route that answered them; live events are not among them.',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: SECONDS,
      registers,
    }),
    loop_seconds: new Histogram({
      name: 'touchstone_reconciler_tick_duration_seconds',
      help: 'Rounds of the reconciler: jobs, outbox (to MLflow) and sweep.',
      labelNames: ['loop'] as const,
      buckets: SECONDS,
      registers,
    }),
    rows: new Counter({
      name: 'touchstone_rows_total',
      help: 'Rows that finished while this server watched their jobs.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    live_connections: new Gauge({
      name: 'touchstone_live_connections',
      help: 'Pages and programs that listen to live events.',
      registers,
    }),
    jobs: new Gauge({
      name: 'touchstone_jobs',
      help: 'Jobs there are.',
      labelNames: ['kind', 'status'] as const,
      registers,
    }),
    jobs_lag_seconds: new Gauge({
      name: 'touchstone_reconciler_lag_seconds',
      help: 'For how long the job that is most overdue has waited to be looked at.',
      registers,
    }),
    outbox_records: new Gauge({
      name: 'touchstone_outbox_records',
      help: 'What MLflow has yet to be told.',
      registers,
    }),
    outbox_age_seconds: new Gauge({
      name: 'touchstone_outbox_oldest_seconds',
      help: 'For how long the oldest of them has waited.',
      registers,
    }),
    service_up: new Gauge({
      name: 'touchstone_service_up',
      help: '1 where the service answered the prober, else 0.',
      labelNames: ['service'] as const,
      registers,
    }),
    storage_free_bytes: new Gauge({
      name: 'touchstone_storage_free_bytes',
      help: 'Room on the disk of the stored files, or of their local copies.',
      registers,
    }),
    storage_used_bytes: new Gauge({
      name: 'touchstone_storage_used_bytes',
      help: 'What Touchstone keeps in storage, measured every ten minutes.',
      registers,
    }),
    info: new Gauge({
      name: 'touchstone_info',
      help: 'Always 1.',
      labelNames: ['version'] as const,
      registers,
    }),
  };
}
