/** What goes in comes out as written: any table, through a file of each format, storage, and the download as CSV. */
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uploadText } from '../testing/datasets.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';
import { createCsvParser } from './csv.ts';
import { openDatasetAsCsv } from './download.ts';
import { createJsonlTableParser } from './jsonl.ts';
import { collectRows, feed } from './testing.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

/** What programs like to read as something else. */
const TEMPTING = [
  '',
  ' ',
  ' x ',
  '007',
  '1e5',
  '-0',
  '1.10',
  'NULL',
  'null',
  'NaN',
  'true',
  'FALSE',
  '12345678901234567890',
];
const MORE = [
  '2024-02-29',
  '=1+1',
  "'",
  '"',
  '""',
  ',',
  '\r',
  '\n',
  '\r\n',
  '\t',
  '\ufeff',
  '\ufffd',
  '😀',
  'a\u0301',
  '\u2028',
  '\\N',
];
/** Any text but NUL and lone surrogates, which are refused. */
const value = fc.oneof(
  fc.constantFrom(...TEMPTING, ...MORE),
  fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => text.isWellFormed() && !text.includes('\0')),
  fc.array(fc.constantFrom(...TEMPTING, ...MORE), { maxLength: 6 }).map((parts) => parts.join('')),
);
const table = fc
  .integer({ min: 1, max: 5 })
  .chain((width) => fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }))
  .map((rows) => [rows[0]!.map((_, i) => `column ${i}`), ...rows]);

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const bare = (cell: string, width: number) =>
  /[",\r\n]/.test(cell) || (width === 1 && cell === '') ? quoted(cell) : cell;
/** As different programs write it: all in quotes or only what needs it, with any end of line. */
const style = fc.record({ eol: fc.constantFrom('\n', '\r\n', '\r'), all: fc.boolean(), last: fc.boolean() });
const toCsv = (rows: string[][], { eol, all, last }: { eol: string; all: boolean; last: boolean }) =>
  rows.map((row) => row.map((cell) => (all ? quoted(cell) : bare(cell, row.length))).join(',')).join(eol) +
  (last ? eol : '');

function readCsv(csv: string | Buffer, size: number): string[][] {
  const { sink, table } = collectRows();
  feed(createCsvParser(sink), csv, size);
  return table;
}

test('CSV in pieces of any size', () => {
  fc.assert(
    fc.property(table, style, fc.integer({ min: 1, max: 50 }), (rows, written, size) => {
      expect(readCsv(toCsv(rows, written), size)).toEqual(rows);
    }),
    { numRuns: 1000 },
  );
});

test('CSV in UTF-16 with a byte order mark', () => {
  fc.assert(
    fc.property(table, style, fc.boolean(), fc.integer({ min: 1, max: 50 }), (rows, written, isBigEnd, size) => {
      const bytes = Buffer.from(`\ufeff${toCsv(rows, written)}`, 'utf16le');
      expect(readCsv(isBigEnd ? bytes.swap16() : bytes, size)).toEqual(rows);
    }),
    { numRuns: 300 },
  );
});

test('JSON Lines in pieces of any size', () => {
  fc.assert(
    fc.property(table, fc.integer({ min: 1, max: 50 }), ([names, ...rows], size) => {
      const { sink, table } = collectRows();
      const lines = rows.map((row) => JSON.stringify(Object.fromEntries(row.map((cell, i) => [names![i], cell]))));
      feed(createJsonlTableParser(names!, sink), `${lines.join('\n')}\n`, size);
      expect(table).toEqual(rows);
    }),
    { numRuns: 500 },
  );
});

test('a JSON number, true and false are what the file has', () => {
  const number = fc.oneof(
    fc.bigInt().map(String),
    fc.constantFrom('12345678901234567890', '1e5', '1E+400', '-0', '0.10', '1.0', '123456789012345678901234567890.5'),
    fc.constantFrom('true', 'false'),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => JSON.stringify(n)),
  );
  fc.assert(
    fc.property(number, (token) => {
      const { sink, table } = collectRows();
      feed(createJsonlTableParser(['n'], sink), `{ "n" : ${token} }\n`, 7);
      expect(table).toEqual([[token]]);
    }),
  );
});

test('CSV → stored → CSV → stored: the same values, and from then on the same bytes', async () => {
  await fc.assert(
    fc.asyncProperty(table, style, async (rows, written) => {
      const source = toCsv(rows, written);
      const first = await uploadText(server.ctx, source, 'rows.csv');
      const { columns, rows: stored } = await server.caller.datasets.preview({ id: first.id });
      expect([columns, ...stored.map(({ values }) => values)]).toEqual(rows);
      const csv = await text((await openDatasetAsCsv(server.ctx, first.id)).stream);
      expect(readCsv(csv, 1000)).toEqual(rows);
      const again = await uploadText(server.ctx, csv, 'rows.csv');
      expect(again.columns).toEqual(first.columns);
      expect(await text((await openDatasetAsCsv(server.ctx, again.id)).stream)).toBe(csv);
    }),
    { numRuns: 25 },
  );
}, 60_000);
