import type { ServiceName, ServiceState, StorageFacts } from '@touchstone/schemas';
import type { Db } from './client.ts';

/** The server itself is not probed: whoever reads this reads it from one that answers. */
export type ProbedName = Exclude<ServiceName, 'server'>;
/** Seconds after which what a probe saw is no news any more. */
export const FRESH_S = 60;

export type Health = {
  state: ServiceState;
  url: string | null;
  /** What is wrong and what it means; null: nothing. */
  detail: string | null;
  /** What a person can do about it. */
  to_do: string | null;
  /** `version`, and the figures of `StorageFacts` or `ClusterFacts`. What was known stays while a service is away. */
  facts: { version?: string | null } & Record<string, unknown>;
};
/** `age_s`: seconds since the probe, by the database's clock. */
export type HealthRecord = Health & { name: ProbedName; since: Date; checked_at: Date; age_s: number };

/** Records what a probe saw; `since` moves when the state changes. */
export async function recordHealth(
  db: Db,
  name: ProbedName,
  { state, url, detail, to_do, facts }: Health,
): Promise<void> {
  await db.$executeRaw`
    INSERT INTO service_health AS h (name, state, url, detail, to_do, facts)
    VALUES (${name}, ${state}, ${url}, ${detail}, ${to_do}, ${JSON.stringify(facts)}::jsonb)
    ON CONFLICT (name) DO UPDATE SET
      state = EXCLUDED.state, url = EXCLUDED.url, detail = EXCLUDED.detail, to_do = EXCLUDED.to_do, checked_at = now(),
      facts = h.facts || EXCLUDED.facts,
      since = CASE WHEN h.state = EXCLUDED.state THEN h.since ELSE now() END`;
}

/** Adds figures that were measured apart from the probe. False where the service was never probed: they are not kept. */
export async function mergeFacts(db: Db, name: ProbedName, facts: Health['facts']): Promise<boolean> {
  const count =
    await db.$executeRaw`UPDATE service_health SET facts = facts || ${JSON.stringify(facts)}::jsonb WHERE name = ${name}`;
  return count === 1;
}

export async function listHealth(db: Db): Promise<HealthRecord[]> {
  return db.$queryRaw<HealthRecord[]>`
    SELECT name, state, url, detail, to_do, facts, since, checked_at, EXTRACT(EPOCH FROM now() - checked_at)::float8 AS age_s
    FROM service_health WHERE name IN ('database', 'storage', 'ray', 'mlflow')`;
}

/** The disk as the prober saw it; null where there is no news of it. */
export async function findDisk(db: Db): Promise<StorageFacts['disk'] | null> {
  const rows = await db.$queryRaw<{ disk: StorageFacts['disk'] | null }[]>`
    SELECT facts -> 'disk' AS disk FROM service_health
    WHERE name = 'storage' AND checked_at > now() - make_interval(secs => ${FRESH_S})`;
  return rows[0]?.disk ?? null;
}

/** The database's version, such as "18.4". */
export async function databaseVersion(db: Db): Promise<string> {
  const rows = await db.$queryRaw<{ version: string }[]>`SELECT current_setting('server_version') AS version`;
  return rows[0]!.version;
}
