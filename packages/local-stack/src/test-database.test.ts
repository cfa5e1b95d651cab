import pg from 'pg';
import { expect, test } from 'vitest';
import { createTestDatabase } from './test-database.ts';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('databases are copies of one prepared state and know nothing of each other', async () => {
  let prepared = 0;
  const prepare = async (url: string) => {
    prepared += 1;
    await query(url, 'CREATE TABLE notes (text text)');
  };
  const make = () => createTestDatabase({ prepare, template: 'local-stack-notes' });
  const [one, two] = await Promise.all([make(), make()]);
  expect(prepared).toBe(1);
  await query(one.url, "INSERT INTO notes VALUES ('mine')");
  expect(await query(two.url, 'SELECT * FROM notes')).toEqual([]);
  await one.drop();
  await expect(query(one.url, 'SELECT 1')).rejects.toThrow('does not exist');
  await two.drop();
});
