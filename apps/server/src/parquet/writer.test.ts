import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createParquetWriter } from './writer.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'touchstone-parquet-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(columns: string[], rows: Iterable<readonly string[]>): Promise<string> {
  const file = join(folder, `${columns.length}.parquet`);
  const writer = createParquetWriter(columns);
  const pieces: Buffer[] = [];
  let count = 0;
  for (const row of rows) {
    for (const [i, value] of row.entries()) {
      const bytes = Buffer.from(`.${value}.`);
      if (i % 2 === 0) writer.cell(bytes, 1, bytes.length - 1);
      else writer.text(value);
    }
    writer.endRow();
    if (++count % 500 > 0) continue;
    for await (const piece of writer.write()) pieces.push(Buffer.from(piece));
  }
  for await (const piece of writer.finish()) pieces.push(piece);
  writer.close();
  await writeFile(file, Buffer.concat(pieces));
  return file;
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const reader = await connection.runAndReadAll(sql);
  connection.closeSync();
  return reader.getRowObjectsJS();
}

test('another reader finds every value, in order, in many row groups', { timeout: 60_000 }, async () => {
  const value = (row: number, column: number) =>
    row % 7 === column ? '' : `${row} é😀 ${'x'.repeat((row * 37) % 900)}`;
  const count = 60_000;
  function* rows() {
    for (let i = 0; i < count; i++) yield [value(i, 0), value(i, 1)];
  }
  const file = await write(['a "b"', 'ü'], rows());
  const found = await query(
    `SELECT row_id, "a ""b""" AS a, "ü" AS b FROM read_parquet('${file}') ORDER BY file_row_number`,
  );
  expect(found).toHaveLength(count);
  for (const [i, row] of found.entries()) {
    if (Number(row.row_id) !== i || row.a !== value(i, 0) || row.b !== value(i, 1)) throw new Error(`row ${i} differs`);
  }
  const groups = await query(
    `SELECT stats_min_value AS lo, stats_max_value AS hi FROM parquet_metadata('${file}') WHERE path_in_schema = 'row_id' ORDER BY row_group_id`,
  );
  expect(groups.length).toBeGreaterThan(3);
  expect(groups[0]!.lo).toBe('0');
  expect(groups.at(-1)!.hi).toBe(String(count - 1));
});

test('a thousand columns, a single row', async () => {
  const columns = Array.from({ length: 1000 }, (_, i) => `c${i}`);
  const file = await write(columns, [columns.map((name) => name.toUpperCase())]);
  const [row] = await query(`SELECT * FROM read_parquet('${file}')`);
  expect(Object.values(row!)).toEqual([0n, ...columns.map((name) => name.toUpperCase())]);
});

test('no row at all', async () => {
  const file = await write(['a', 'b', 'c'], []);
  expect(await query(`SELECT * FROM read_parquet('${file}')`)).toEqual([]);
});
