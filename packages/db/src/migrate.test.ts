import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@touchstone/local-stack';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from './client.ts';
import { findDataset, listDatasets, lockVersions } from './datasets.ts';
import { findExperiment } from './experiments.ts';
import { MigrationError, migrate } from './migrate.ts';

/** The schema before datasets had versions. */
const BEFORE_VERSIONS = '20261124035700_notify_changes';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

async function run(sql: string, values: unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query(sql, values);
  } finally {
    await client.end();
  }
}

test('datasets of the first schema become first versions of themselves, and experiments keep theirs', async () => {
  const before = await migrate(database.url, BEFORE_VERSIONS);
  expect(before.at(-1)).toBe(BEFORE_VERSIONS);
  const [first, second, experiment] = [randomUUID(), randomUUID(), randomUUID()];
  await run(
    `INSERT INTO dataset (id, status, name, filename, size_bytes, sha256, data_sha256, row_count, columns, created_at) VALUES
      ($1, 'ready', 'First', 'first.csv', 10, repeat('a', 64), repeat('b', 64), 2, '[{"name": "examples", "blank": 1}]', '2026-01-01'),
      ($2, 'ready', 'Second', 'second.csv', 10, repeat('a', 64), repeat('b', 64), 2, '[]', '2026-01-02')`,
    [first, second],
  );
  await run(
    `INSERT INTO experiment (id, name, description, dataset_id, input_column, task, prompt, metrics, primary_metric, seed, sample)
     VALUES ($1, 'Old', '', $2, 'examples', '"summarization"', '{{examples}}', '{rouge1}', 'rouge1', 0, '{}')`,
    [experiment, first],
  );

  const after = await migrate(database.url);
  expect(after).not.toContain(BEFORE_VERSIONS);
  expect(after.length).toBeGreaterThan(0);
  expect(await migrate(database.url)).toEqual([]);

  const db = openDatabase(database.url);
  try {
    const found = await listDatasets(db, { search: '', after: null, limit: 10 });
    expect(found.map(({ name }) => name)).toEqual(['Second', 'First']);
    expect(await findDataset(db, first)).toMatchObject({
      root_id: first,
      version: 1,
      version_count: 1,
      format: 'csv',
      provenance: { kind: 'uploaded' },
      columns: [{ name: 'examples', blank: 1 }],
      experiment_count: 1,
    });
    expect((await findExperiment(db, experiment))?.dataset).toMatchObject({ id: first, version: 1 });
    expect(await db.$transaction((tx) => lockVersions(tx, first))).toBe(2);
  } finally {
    await db.$disconnect();
  }
});

test('a database of a newer version, or with an edited migration, is refused', async () => {
  await migrate(database.url);
  await run(`UPDATE _prisma_migrations SET checksum = 'other' WHERE migration_name = $1`, [BEFORE_VERSIONS]);
  await expect(migrate(database.url)).rejects.toThrow(/was edited after it was applied/);
  await run(`UPDATE _prisma_migrations SET migration_name = '29990101000000_later' WHERE migration_name = $1`, [
    BEFORE_VERSIONS,
  ]);
  await expect(migrate(database.url)).rejects.toThrow(MigrationError);
});
