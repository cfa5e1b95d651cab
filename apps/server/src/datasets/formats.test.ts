import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { quoteText } from '../rows/store.ts';
import { uploadText } from '../testing/datasets.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';
import { openDatasetAsCsv, openDatasetSource } from './download.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

const rowsOf = async (id: string) =>
  (await server.caller.datasets.preview({ id, limit: 200 })).rows.map((row) => row.values);

/** A Parquet file with what a query gives. */
async function parquetOf(query: string): Promise<Buffer> {
  const file = join(server.folder, 'made.parquet');
  await server.services.row_store.run(`COPY (${query}) TO ${quoteText(file)} (FORMAT parquet)`);
  return readFile(file);
}

test('JSON Lines: values as written, missing keys blank and counted, the bytes kept', async () => {
  const source = '{"examples":" x ","n":1e5}\n{"n":false,"tags":[1, {"a":"b c"}]}\n{"examples":null}\n';
  const dataset = await uploadText(server.ctx, source, 'Rows.jsonl');
  expect(dataset).toMatchObject({
    name: 'Rows',
    format: 'jsonl',
    row_count: 3,
    columns: [
      { name: 'examples', blank: 2 },
      { name: 'n', blank: 1 },
      { name: 'tags', blank: 2 },
    ],
    provenance: { kind: 'uploaded' },
    version: 1,
    version_count: 1,
  });
  expect(await rowsOf(dataset.id)).toEqual([
    [' x ', '1e5', ''],
    ['', 'false', '[1,{"a":"b c"}]'],
    ['', '', ''],
  ]);
  const kept = await openDatasetSource(server.ctx, dataset.id);
  expect([kept.filename, await text(kept.stream)]).toEqual(['Rows.jsonl', source]);
  const csv = await openDatasetAsCsv(server.ctx, dataset.id);
  expect([csv.filename, await text(csv.stream)]).toEqual([
    'Rows.csv',
    'examples,n,tags\r\n x ,1e5,\r\n,false,"[1,{""a"":""b c""}]"\r\n,,\r\n',
  ]);
});

test('JSON Lines are known by their content too', async () => {
  expect(await uploadText(server.ctx, '{"a":1}\n', 'upload')).toMatchObject({ format: 'jsonl', name: 'upload' });
  expect(await uploadText(server.ctx, 'a\n1\n', 'upload')).toMatchObject({ format: 'csv' });
});

test('Parquet: scalars as text, null as blank, nested values as JSON, the bytes kept', async () => {
  const source = await parquetOf(
    `SELECT * FROM (VALUES
    (' x ', 7::INTEGER, 0.1::DOUBLE, true, DATE '2024-02-29', TIMESTAMP '2024-02-29 12:00:00', 1.50::DECIMAL(9,2), [1, 2], {'a': 'b c'}, 'Grüße'::BLOB),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
  ) t(s, i, d, b, day, "at", money, list, struct, bytes)`.replace("'Grüße'::BLOB", "encode('Grüße')"),
  );
  const dataset = await uploadText(server.ctx, source, 'typed.parquet');
  expect(dataset).toMatchObject({ name: 'typed', format: 'parquet', row_count: 2, size_bytes: source.length });
  expect(dataset.columns.map(({ name, blank }) => `${name} ${blank}`)).toEqual(
    ['s', 'i', 'd', 'b', 'day', 'at', 'money', 'list', 'struct', 'bytes'].map((name) => `${name} 1`),
  );
  expect(await rowsOf(dataset.id)).toEqual([
    [' x ', '7', '0.1', 'true', '2024-02-29', '2024-02-29 12:00:00', '1.50', '[1,2]', '{"a":"b c"}', 'Grüße'],
    Array(10).fill(''),
  ]);
  const kept = await openDatasetSource(server.ctx, dataset.id);
  expect((await buffer(kept.stream)).equals(source)).toBe(true);
});

test('a Parquet file of many row groups keeps its order', async () => {
  const source = await parquetOf('SELECT range AS n FROM range(300000)');
  const { id, row_count } = await uploadText(server.ctx, source, 'many.parquet');
  expect(row_count).toBe(300_000);
  for (const offset of [0, 99_990, 123_456, 299_999]) {
    const { rows } = await server.caller.datasets.preview({ id, offset, limit: 3 });
    expect(rows[0]).toEqual({ row_id: offset, values: [String(offset)] });
  }
});

test('a Parquet file that unpacks to far more than its size is refused', async () => {
  const source = await parquetOf("SELECT repeat('x', 100000) AS a FROM range(20000)");
  expect(source.length).toBeLessThan(5 * 1024 * 1024);
  await expect(uploadText(server.ctx, source, 'bomb.parquet')).rejects.toMatchObject({
    message: expect.stringMatching(/unpacks to more than 1000 MB/),
  });
}, 60_000);

test('UTF-16 with a byte order mark', async () => {
  const source = Buffer.from('\ufeffa,b\r\nGrüße,"x\r\ny"\r\n', 'utf16le');
  const { id } = await uploadText(server.ctx, source, 'excel.csv');
  expect(await rowsOf(id)).toEqual([['Grüße', 'x\r\ny']]);
});

test('what is downloaded as CSV is the same when it is uploaded again', async () => {
  const first = await uploadText(server.ctx, 'only\n""\n" a "\n"x,""y"""\n', 'one.csv');
  const csv = await text((await openDatasetAsCsv(server.ctx, first.id)).stream);
  const again = await uploadText(server.ctx, csv, 'one.csv');
  expect(await rowsOf(again.id)).toEqual([[''], [' a '], ['x,"y"']]);
});
