import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@touchstone/local-stack';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from './client.ts';
import { findDataset, listDatasets, lockVersions } from './datasets.ts';
import { findExperiment, listExperiments } from './experiments.ts';
import { MigrationError, migrate } from './migrate.ts';

/** The schema before datasets had versions. */
const BEFORE_METRIC_SETTINGS = '20261124164312_group_column';
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

test('metrics that were stored by their names get their settings', async () => {
  await migrate(database.url, BEFORE_METRIC_SETTINGS);
  const [dataset, experiment, workflow, evaluation, comparison] = Array.from({ length: 5 }, () => randomUUID());
  await run(
    `INSERT INTO dataset (id, status, root_id, name, filename, format) VALUES ($1, 'ready', $1, 'Old', 'old.csv', 'csv')`,
    [dataset],
  );
  await run(
    `INSERT INTO experiment (id, name, description, dataset_id, input_column, task, prompt, metrics, primary_metric, seed, sample)
     VALUES ($1, 'Old', '', $2, 'examples', '"summarization"', '{{examples}}', '{rougeL,exact_match}', 'rougeL', 0, '{}')`,
    [experiment, dataset],
  );
  await run(`INSERT INTO workflow (id, experiment_id, name, position, model) VALUES ($1, $2, 'Old', 0, '{}')`, [
    workflow,
    experiment,
  ]);
  const compared = (name: string) => ({ name, direction: 'higher', delta: 0.01, worst: 0 });
  await run(
    `INSERT INTO job (id, experiment_id, workflow_id, kind, status, spec, result) VALUES
      ($1, $3, $4, 'evaluation', 'succeeded', '{"metrics": ["rougeL", "exact_match"]}', NULL),
      ($2, $3, NULL, 'comparison', 'succeeded', $5, $6)`,
    [
      evaluation,
      comparison,
      experiment,
      workflow,
      { metrics: [compared('rougeL'), compared('exact_match')] },
      { kind: 'comparison', metrics: [compared('exact_match')] },
    ],
  );

  await migrate(database.url);

  const db = openDatabase(database.url);
  try {
    const rougeL = { type: 'rougeL', name: 'rougeL' };
    const exact_match = { type: 'exact_match', name: 'exact_match' };
    expect((await findExperiment(db, experiment!))?.metrics).toEqual([rougeL, exact_match]);
    const [listed] = await listExperiments(db, { search: '', after: null, limit: 1 });
    expect(listed?.metric).toEqual(rougeL);
    const job = (id: string) => db.job.findUniqueOrThrow({ where: { id }, select: { spec: true, result: true } });
    expect(await job(evaluation!)).toEqual({ spec: { metrics: [rougeL, exact_match] }, result: null });
    const share = { ...compared('exact_match'), type: 'exact_match', yes_or_no: true };
    expect(await job(comparison!)).toEqual({
      spec: { metrics: [{ ...compared('rougeL'), type: 'rougeL', yes_or_no: false }, share] },
      result: { kind: 'comparison', metrics: [share] },
    });
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
