import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Db } from './client.ts';

const MIGRATIONS = join(import.meta.dirname, '../prisma/migrations');
/** Any fixed number: the advisory lock under which one server at a time migrates. */
const LOCK = 7_202_611;

/** The table that `prisma migrate` keeps, so that it agrees with this runner where a person uses it. */
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

/** The database cannot be brought to this version's schema; the message says why and what to do. */
export class MigrationError extends Error {}

type Migration = { name: string; sql: string; checksum: string };

async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(MIGRATIONS, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(MIGRATIONS, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Applies the migrations that the database does not have, each in a transaction, one server at a time.
 * @param until the last one to apply; left out: all.
 * @returns the names of those applied now.
 * @throws MigrationError where an applied migration was edited, is unknown to this version, or fails.
 */
export async function migrate(databaseUrl: string, until?: string): Promise<string[]> {
  const migrations = await readMigrations();
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await client.query(CREATE_TABLE);
    const applied = await appliedMigrations(client);
    checkApplied(applied, migrations);
    const missing = migrations.filter(({ name }) => !applied.has(name) && (until === undefined || name <= until));
    for (const migration of missing) await apply(client, migration);
    return missing.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

/** Names and checksums, oldest first. */
export async function appliedMigrations(client: pg.Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    `SELECT migration_name, checksum FROM _prisma_migrations
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`,
  );
  return new Map(rows.map((row) => [row.migration_name, row.checksum]));
}

/** The names of this version's migrations, oldest first. */
export async function knownMigrations(): Promise<string[]> {
  return (await readMigrations()).map(({ name }) => name);
}

/** @throws MigrationError where one of them is not this version's. */
export async function checkKnown(names: readonly string[]): Promise<void> {
  const known = await knownMigrations();
  for (const name of names) if (!known.includes(name)) throw madeByNewer(name);
}

const madeByNewer = (name: string) =>
  new MigrationError(
    `The database was made by a newer version of Touchstone (it has the migration ${name}): start that version.`,
  );

let known: Promise<string[]> | null = null;

/** Whether the database has every migration of this version. */
export async function isMigrated(db: Db): Promise<boolean> {
  known ??= knownMigrations();
  const names = await known;
  const rows = await db.$queryRaw<{ n: number }[]>`
    SELECT count(*)::int AS n FROM _prisma_migrations
    WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL AND migration_name = ANY(${names})`;
  return rows[0]!.n === names.length;
}

function checkApplied(applied: ReadonlyMap<string, string>, migrations: readonly Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration.checksum]));
  for (const [name, checksum] of applied) {
    if (!known.has(name)) throw madeByNewer(name);
    if (known.get(name) !== checksum) {
      throw new MigrationError(`The migration ${name} was edited after it was applied: restore the file.`);
    }
  }
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new MigrationError(`The migration ${name} failed and was undone: ${(error as Error).message}`);
  }
}
