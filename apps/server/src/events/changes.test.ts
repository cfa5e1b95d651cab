import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, openDatabase } from '@touchstone/db';
import { createTestDatabase, type TestDatabase } from '@touchstone/local-stack';
import type { ChangeEvent } from '@touchstone/schemas';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Changes, EVERYTHING, openChanges } from './changes.ts';

let database: TestDatabase;
let db: Database;
let changes: Changes;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.url);
  changes = openChanges(database.url);
  await vi.waitFor(async () => expect(await countListeners()).toBe(1), { timeout: 10_000 });
});
afterAll(async () => {
  await changes.stop();
  await db.$disconnect();
  await database.drop();
});

const notify = (message: string) => db.$executeRaw`SELECT pg_notify('touchstone', ${message})`;
/** Connections that wait for messages. */
async function countListeners(): Promise<number> {
  const rows = await db.$queryRaw<{ pid: number }[]>`
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN touchstone'`;
  return rows.length;
}

/** Collects what a subscriber is told until `end()`. */
function collect(): { told: ChangeEvent[]; end: () => Promise<void> } {
  const told: ChangeEvent[] = [];
  const ending = new AbortController();
  const over = (async () => {
    for await (const event of changes.subscribe(ending.signal)) told.push(event);
  })();
  return {
    told,
    end: async () => {
      ending.abort();
      await over;
    },
  };
}

test('what comes close together is told once, to everybody who listens', async () => {
  const subscribers = [collect(), collect()];
  // Each in a transaction of its own, in one round trip: Postgres itself tells doubles within a transaction once.
  await db.$executeRawUnsafe(`DO $$ BEGIN
    FOR i IN 1..20 LOOP PERFORM pg_notify('touchstone', 'job 1'); COMMIT; END LOOP;
    PERFORM pg_notify('touchstone', 'job 2'); COMMIT;
    PERFORM pg_notify('touchstone', 'nonsense'); COMMIT;
    PERFORM pg_notify('touchstone', 'unknown 3');
  END $$`);
  for (const { told } of subscribers) {
    await expect
      .poll(() => told)
      .toEqual([
        { noun: 'job', id: '1' },
        { noun: 'job', id: '2' },
      ]);
  }
  await notify('job 1');
  await expect.poll(() => subscribers[0]!.told.length).toBe(3);
  await Promise.all(subscribers.map(({ end }) => end()));
});

test('a flood becomes one event that means everything', async () => {
  const { told, end } = collect();
  await db.$executeRaw`SELECT pg_notify('touchstone', 'job ' || n) FROM generate_series(1, 5000) n`;
  await expect.poll(() => told, { timeout: 5000 }).toContainEqual(EVERYTHING);
  await sleep(300);
  expect(told.length).toBeLessThan(2500);
  expect(told.at(-1)).toEqual(EVERYTHING);
  await end();
});

test('who stops listening is told no more', async () => {
  const { told, end } = collect();
  await end();
  await notify('job 9');
  await sleep(400);
  expect(told).toEqual([]);
});

test('a connection that is lost comes back, and then everything may have changed', async () => {
  const { told, end } = collect();
  await db.$executeRaw`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN touchstone'`;
  await expect.poll(() => told, { timeout: 10_000 }).toEqual([EVERYTHING]);
  await notify('dataset 4');
  await expect.poll(() => told.at(-1)).toEqual({ noun: 'dataset', id: '4' });
  await end();
});

test('when the server stops, every subscription ends', async () => {
  const own = openChanges(database.url);
  const ended = (async () => {
    for await (const _event of own.subscribe());
  })();
  await sleep(50);
  await own.stop();
  await ended;
});
