/** Databases for tests: one Postgres for the run (global-setup.ts), a fresh database for each test file. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** The variable that tells test files where the run's Postgres is. */
export const TEST_POSTGRES = 'TOUCHSTONE_TEST_POSTGRES_URL';

export interface TestDatabase {
  url: string;
  drop: () => Promise<void>;
}

export interface TestDatabaseOptions {
  /** Brings an empty database to the state that tests start from, for example by applying migrations. */
  prepare?: (url: string) => Promise<void>;
  /** Names that state; `prepare` runs once for each name in a run, and databases are copies of its result. */
  template?: string;
}

/** Makes a fresh database; each test file has its own, so that files run in parallel. */
export async function createTestDatabase({
  prepare,
  template = 'prepared',
}: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = process.env[TEST_POSTGRES];
  if (!server)
    throw new Error(
      `${TEST_POSTGRES} is not set: run vitest from the root of the clone (vitest run --project <name>).`,
    );
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withClient(server, async (client) => {
    const source = prepare
      ? await ensureTemplate(client, server, `template_${template.replace(/\W/g, '_')}`, prepare)
      : 'template1';
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${source}`);
  });
  return {
    url: withDatabase(server, name),
    drop: () =>
      withClient(server, async (client) => void (await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))),
  };
}

/** The template's name; made by whoever comes first, while the others wait at an advisory lock. */
async function ensureTemplate(
  client: pg.Client,
  server: string,
  name: string,
  prepare: (url: string) => Promise<void>,
): Promise<string> {
  await client.query('SELECT pg_advisory_lock(hashtext($1))', [name]);
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) {
      const unfinished = `${name}_${randomBytes(4).toString('hex')}`;
      await client.query(`CREATE DATABASE ${unfinished}`);
      await prepare(withDatabase(server, unfinished));
      await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [unfinished]);
      await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`);
    }
  } finally {
    await client.query('SELECT pg_advisory_unlock(hashtext($1))', [name]);
  }
  return name;
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
