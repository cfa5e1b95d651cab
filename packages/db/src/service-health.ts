import type { ServiceName, ServiceState } from '@touchstone/schemas';
import type { Db } from './client.ts';

/** The server itself is not probed: whoever reads this reads it from one that answers. */
export type ProbedName = Exclude<ServiceName, 'server'>;
export type Health = { state: ServiceState; url: string | null; detail: string | null };
/** `age_s`: seconds since the probe, by the database's clock. */
export type HealthRecord = Health & { name: ProbedName; since: Date; checked_at: Date; age_s: number };

/** Records what a probe saw; `since` moves when the state changes. */
export async function recordHealth(db: Db, name: ProbedName, { state, url, detail }: Health): Promise<void> {
  await db.$executeRaw`
    INSERT INTO service_health AS h (name, state, url, detail) VALUES (${name}, ${state}, ${url}, ${detail})
    ON CONFLICT (name) DO UPDATE SET
      state = EXCLUDED.state, url = EXCLUDED.url, detail = EXCLUDED.detail, checked_at = now(),
      since = CASE WHEN h.state = EXCLUDED.state THEN h.since ELSE now() END`;
}

export async function listHealth(db: Db): Promise<HealthRecord[]> {
  return db.$queryRaw<HealthRecord[]>`
    SELECT name, state, url, detail, since, checked_at, EXTRACT(EPOCH FROM now() - checked_at)::float8 AS age_s
    FROM service_health WHERE name IN ('database', 'storage', 'ray', 'mlflow')`;
}

/** The database's version, such as "18.4". */
export async function databaseVersion(db: Db): Promise<string> {
  const rows = await db.$queryRaw<{ version: string }[]>`SELECT current_setting('server_version') AS version`;
  return rows[0]!.version;
}
