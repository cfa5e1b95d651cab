import type { Db } from './client.ts';

export type OutboxRecord<E> = { id: bigint; subject_id: string; event: E; created_at: Date; tries: number };

export async function insertOutboxEvents(db: Db, subject_id: string, events: object[]): Promise<void> {
  await db.tracking_outbox.createMany({ data: events.map((event) => ({ subject_id, event })) });
}

/** Experiments, and jobs that are in none, that have something due to be sent, oldest first. */
export async function findDueOutboxes(db: Db, limit: number): Promise<string[]> {
  const rows = await db.$queryRaw<{ subject_id: string }[]>`
    SELECT subject_id FROM tracking_outbox WHERE sent_at IS NULL
    GROUP BY subject_id HAVING min(due_at) <= now() ORDER BY min(id) LIMIT ${limit}`;
  return rows.map((row) => row.subject_id);
}

/** One sender at a time: true where `owner` has it for the next minute. */
export async function claimOutbox(db: Db, subject_id: string, owner: string): Promise<boolean> {
  const count = await db.$executeRaw`
    INSERT INTO tracking_lease (subject_id, owner, lease_until) VALUES (${subject_id}::uuid, ${owner}::uuid, now() + interval '1 minute')
    ON CONFLICT (subject_id) DO UPDATE SET owner = EXCLUDED.owner, lease_until = EXCLUDED.lease_until
    WHERE tracking_lease.lease_until < now() OR tracking_lease.owner = EXCLUDED.owner`;
  return count === 1;
}

export async function releaseOutbox(db: Db, subject_id: string, owner: string): Promise<void> {
  await db.tracking_lease.deleteMany({ where: { subject_id, owner } });
}

export async function listUnsentEvents<E>(db: Db, subject_id: string): Promise<OutboxRecord<E>[]> {
  const rows = await db.tracking_outbox.findMany({ where: { subject_id, sent_at: null }, orderBy: { id: 'asc' } });
  return rows as unknown as OutboxRecord<E>[];
}

export async function markSent(db: Db, id: bigint): Promise<void> {
  await db.tracking_outbox.update({ where: { id }, data: { sent_at: new Date(), error: null } });
}

/** Tried again after 1, 2, 4, … seconds, at most a minute. */
export async function markUnsent(db: Db, { id, tries }: { id: bigint; tries: number }, error: string): Promise<void> {
  const seconds = Math.min(60, 2 ** tries);
  await db.$executeRaw`
    UPDATE tracking_outbox SET tries = tries + 1, error = ${error}, due_at = now() + make_interval(secs => ${seconds}) WHERE id = ${id}`;
}

/** What is unsent, and for how many seconds the oldest has been. */
export async function measureOutbox(db: Db): Promise<{ unsent: number; oldest_s: number }> {
  const rows = await db.$queryRaw<{ unsent: number; oldest_s: number }[]>`
    SELECT count(*)::int AS unsent, COALESCE(EXTRACT(EPOCH FROM now() - min(created_at)), 0)::float8 AS oldest_s
    FROM tracking_outbox WHERE sent_at IS NULL`;
  return rows[0]!;
}
