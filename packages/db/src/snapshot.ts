import pg from 'pg';
import { appliedMigrations, checkKnown, migrate } from './migrate.ts';

/** Rows that are read, or written, at once. */
const BATCH = 200;

/** All rows of a database as of one moment, whoever writes meanwhile. */
export type Snapshot = {
  /** The migrations that it has, oldest first. */
  migrations: string[];
  /** Of tables that refer to each other, the one referred to comes first. */
  tables: string[];
  /** Each row as one line of JSON. */
  rows(table: string): AsyncGenerator<string>;
  /** Whose files belong to it. */
  datasets: { id: string; name: string }[];
  experiment_ids: string[];
  job_ids: string[];
  close(): Promise<void>;
};

/** Begins to read; `close()` it. Logical, so that another major version of Postgres can load it. */
export async function openSnapshot(databaseUrl: string): Promise<Snapshot> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => {});
  await client.connect();
  const idsOf = async (sql: string) => (await client.query<{ id: string }>(sql)).rows.map(({ id }) => id);
  try {
    await client.query(`SET TIME ZONE 'UTC'`);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const datasets = await client.query<{ id: string; name: string }>(
      `SELECT id, name FROM dataset WHERE status = 'ready' AND deleted_at IS NULL ORDER BY id`,
    );
    return {
      migrations: [...(await appliedMigrations(client)).keys()],
      tables: await listTables(client),
      rows: (table) => readRows(client, table),
      datasets: datasets.rows,
      experiment_ids: await idsOf('SELECT id FROM experiment WHERE deleted_at IS NULL ORDER BY id'),
      job_ids: await idsOf('SELECT id FROM job ORDER BY id'),
      close: () => client.end(),
    };
  } catch (error) {
    await client.end();
    throw error;
  }
}

/**
 * Fills an empty database: makes the schema that the rows were read from, loads them, and brings the schema to this version's.
 * @throws MigrationError where the snapshot has migrations that this version does not know.
 */
export async function loadSnapshot(
  databaseUrl: string,
  { migrations, rows }: { migrations: string[]; rows: (table: string) => AsyncIterable<string> },
): Promise<void> {
  await checkKnown(migrations);
  await migrate(databaseUrl, migrations.at(-1));
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`SET TIME ZONE 'UTC'`);
    await client.query('BEGIN');
    const tables = await listTables(client);
    await client.query(`TRUNCATE ${tables.map(quote).join(', ')}`);
    for (const table of tables) await loadRows(client, table, rows(table));
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
  await migrate(databaseUrl);
}

/** Every table but the migrations', each after those it refers to. */
async function listTables(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; refers_to: string[] }>(`
    SELECT c.relname AS name, COALESCE(array_agg(r.relname::text) FILTER (WHERE r.oid <> c.oid), '{}') AS refers_to
    FROM pg_class c LEFT JOIN pg_constraint f ON f.conrelid = c.oid AND f.contype = 'f' LEFT JOIN pg_class r ON r.oid = f.confrelid
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> '_prisma_migrations'
    GROUP BY c.oid ORDER BY c.relname`);
  const sorted: string[] = [];
  while (sorted.length < rows.length) {
    const next = rows.filter(
      ({ name, refers_to }) => !sorted.includes(name) && refers_to.every((other) => sorted.includes(other)),
    );
    if (next.length === 0) throw new Error('Tables refer to each other in a circle.');
    sorted.push(...next.map(({ name }) => name));
  }
  return sorted;
}

async function* readRows(client: pg.Client, table: string): AsyncGenerator<string> {
  await client.query(`DECLARE reading NO SCROLL CURSOR FOR SELECT to_jsonb(t)::text AS line FROM ${quote(table)} t`);
  for (;;) {
    const { rows } = await client.query<{ line: string }>(`FETCH ${BATCH} FROM reading`);
    for (const { line } of rows) yield line;
    if (rows.length < BATCH) break;
  }
  await client.query('CLOSE reading');
}

async function loadRows(client: pg.Client, table: string, lines: AsyncIterable<string>): Promise<void> {
  const { rows: columns } = await client.query<{ name: string; sequence: string | null }>(
    `SELECT attname AS name, pg_get_serial_sequence($1, attname) AS sequence FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
    [quote(table)],
  );
  const names = columns.map(({ name }) => quote(name)).join(', ');
  const insert = `INSERT INTO ${quote(table)} (${names}) OVERRIDING SYSTEM VALUE
    SELECT ${names} FROM jsonb_populate_recordset(NULL::${quote(table)}, $1::jsonb)`;
  // Nobody listens yet to what the triggers would tell.
  await client.query(`ALTER TABLE ${quote(table)} DISABLE TRIGGER USER`);
  let batch: string[] = [];
  const flush = async () => {
    if (batch.length > 0) await client.query(insert, [`[${batch.join(',')}]`]);
    batch = [];
  };
  for await (const line of lines) {
    batch.push(line);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  await client.query(`ALTER TABLE ${quote(table)} ENABLE TRIGGER USER`);
  for (const { name, sequence } of columns) {
    if (sequence === null) continue;
    const top = `(SELECT max(${quote(name)}) FROM ${quote(table)})`;
    await client.query(`SELECT setval($1, COALESCE(${top}, 1), ${top} IS NOT NULL)`, [sequence]);
  }
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
