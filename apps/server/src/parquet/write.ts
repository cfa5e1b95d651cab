import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Storage, Written } from '@touchstone/storage';
import { quoteName, quoteText } from '../rows/store.ts';

/** Runs `work` with a folder of its own, removed afterwards. */
export async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'touchstone-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Writes records as a Parquet file: `row_id` (int64, from 0 in their order) and the columns as strings. Rows go through a temporary
 * database file, so that memory does not grow with their number.
 */
export async function writeTable(
  storage: Storage,
  key: string,
  columns: readonly string[],
  records: AsyncIterable<readonly string[]>,
): Promise<Written> {
  return withTemporaryFolder(async (folder) => {
    const instance = await DuckDBInstance.create(join(folder, 'rows.duckdb'), { memory_limit: '256MB', threads: '2' });
    const connection = await instance.connect();
    const file = join(folder, 'data.parquet');
    try {
      // Plain names inside, the person's own only in the file.
      await connection.run(`CREATE TABLE rows (row_id BIGINT, ${columns.map((_, i) => `c${i} VARCHAR`).join(', ')})`);
      const appender = await connection.createAppender('rows');
      let row_id = 0n;
      for await (const values of records) {
        appender.appendBigInt(row_id);
        for (const value of values) appender.appendVarchar(value);
        appender.endRow();
        row_id += 1n;
        if (row_id % 2048n === 0n) appender.flushSync();
      }
      appender.closeSync();
      const list = columns.map((name, i) => `c${i} AS ${quoteName(name)}`).join(', ');
      await connection.run(
        `COPY (SELECT row_id, ${list} FROM rows) TO ${quoteText(file)} (FORMAT parquet, COMPRESSION zstd)`,
      );
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
    return storage.writeStream(key, createReadStream(file));
  });
}
