import { randomUUID } from 'node:crypto';
import { createTestDatabase } from '@touchstone/local-stack';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { knownMigrations, MigrationError, migrate } from './migrate.ts';
import { loadSnapshot, openSnapshot } from './snapshot.ts';

async function openTestDatabase(): Promise<{ url: string; client: pg.Client }> {
  const { url, drop } = await createTestDatabase();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(async () => {
    await client.end();
    await drop();
  });
  return { url, client };
}

/** Every row of every table, as text. */
async function contentOf(client: pg.Client): Promise<Record<string, string[]>> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'`,
  );
  const content: Record<string, string[]> = {};
  for (const { name } of rows) {
    const found = await client.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t ORDER BY 1`);
    content[name] = found.rows.map(({ row }) => row);
  }
  return content;
}

async function copy(from: string, to: string, migrations?: string[]): Promise<void> {
  const snapshot = await openSnapshot(from);
  try {
    const lines = new Map<string, string[]>();
    for (const table of snapshot.tables) {
      const rows: string[] = [];
      for await (const row of snapshot.rows(table)) rows.push(row);
      lines.set(table, rows);
    }
    await loadSnapshot(to, {
      migrations: migrations ?? snapshot.migrations,
      async *rows(table) {
        yield* lines.get(table) ?? [];
      },
    });
  } finally {
    await snapshot.close();
  }
}

const AWKWARD = 'quotes " \\ and lines\n\r\u2028 tabs\t, 日本, \u{1F600}';

async function fill(client: pg.Client): Promise<void> {
  const [user, dataset] = [randomUUID(), randomUUID()];
  await client.query('INSERT INTO "user" (id, name) VALUES ($1, $2)', [user, AWKWARD]);
  await client.query(`INSERT INTO session (token_hash, user_id, expires_at) VALUES ('h', $1, 'infinity')`, [user]);
  await client.query(
    `INSERT INTO dataset (id, root_id, name, filename, status, size_bytes, columns) VALUES ($1, $1, $2, 'x', 'ready', 9007199254740993, $3)`,
    [dataset, AWKWARD, JSON.stringify([{ name: AWKWARD, n: 1e-7 }])],
  );
  await client.query(
    `INSERT INTO secret (name, key_id, nonce, ciphertext, last4) VALUES ('k', 'id', '\\x00ff0a', '\\x5c78', '')`,
  );
  await client.query(
    `INSERT INTO tracking_outbox (subject_id, event) SELECT gen_random_uuid(), jsonb_build_object('n', n) FROM generate_series(1, 450) n`,
  );
}

test('every row comes back as it was, and what is written next gets a new number', async () => {
  const [from, to] = [await openTestDatabase(), await openTestDatabase()];
  await migrate(from.url);
  await fill(from.client);
  await copy(from.url, to.url);
  expect(await contentOf(to.client)).toEqual(await contentOf(from.client));
  const { rows } = await to.client.query<{ id: string }>(
    `INSERT INTO tracking_outbox (subject_id, event) VALUES (gen_random_uuid(), '{}') RETURNING id`,
  );
  expect(rows[0]!.id).toBe('451');
});

test('it is one moment: what is written meanwhile is not in it', async () => {
  const [from, to] = [await openTestDatabase(), await openTestDatabase()];
  await migrate(from.url);
  await fill(from.client);
  const before = await contentOf(from.client);
  const snapshot = await openSnapshot(from.url);
  await from.client.query('DELETE FROM session');
  await from.client.query(`UPDATE dataset SET name = 'changed'`);
  await loadSnapshot(to.url, { migrations: snapshot.migrations, rows: (table) => snapshot.rows(table) });
  await snapshot.close();
  expect(await contentOf(to.client)).toEqual(before);
});

test('an older one is brought to this version, a newer one is refused', async () => {
  const known = await knownMigrations();
  const [from, to] = [await openTestDatabase(), await openTestDatabase()];
  await migrate(from.url, known[0]);
  await from.client.query(`INSERT INTO "user" (id, name) VALUES (gen_random_uuid(), 'old')`);
  await copy(from.url, to.url);
  expect((await contentOf(to.client)).user).toEqual([expect.stringContaining('old')]);
  expect(await migrate(to.url)).toEqual([]);
  const newer = copy(from.url, (await openTestDatabase()).url, [...known, '99990101000000_unheard_of']);
  await expect(newer).rejects.toThrow(MigrationError);
  await expect(newer).rejects.toThrow('made by a newer version of Touchstone');
});
