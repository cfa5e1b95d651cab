/** Files that cannot be read without guessing, sent as a client sends them: each is refused with its own words, and nothing is kept. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quoteText } from '../rows/store.ts';
import { openTestApp, type TestApp } from '../testing/http.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.stop());

const put = (filename: string, body: string | Buffer) =>
  fetch(`${app.url}/api/datasets?filename=${encodeURIComponent(filename)}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${app.api_key}` },
    body: new Uint8Array(Buffer.from(body)),
  });

const kept = async () => ({
  files: (await Array.fromAsync(app.services.storage.list('datasets/'))).length,
  datasets: await app.services.db.dataset.count(),
});

async function expectRefused(filename: string, body: string | Buffer, message: string | RegExp): Promise<void> {
  const before = await kept();
  const answer = await put(filename, body);
  expect([answer.status, await answer.json()]).toEqual([
    422,
    { error: { code: 'INVALID', message: typeof message === 'string' ? message : expect.stringMatching(message) } },
  ]);
  expect(await kept()).toEqual(before);
}

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000001f4000001f40806000000', 'hex');
const ZIP = Buffer.from('504b0304140006000800000021', 'hex');
const OVER_1_MB = 'x'.repeat(1024 * 1024 + 1);
const columns = (n: number) => Array.from({ length: n }, (_, i) => `c${i}`);

describe('a CSV file is refused:', () => {
  test.each<[what: string, body: string | Buffer, message: string | RegExp]>([
    ['empty', '', 'The file is empty.'],
    ['a byte order mark alone', '\ufeff', 'The file is empty.'],
    ['blank lines alone', '\n\r\n\n', 'The file is empty.'],
    ['header only', 'a,b\n', 'The file has a header and no rows.'],
    ['a PNG', PNG, /^The file is a picture \(PNG\)\. Write its texts into a CSV file/],
    ['a zip', ZIP, /^The file is a zip archive or an Excel workbook\. Unpack the archive/],
    ['a gzip', gzipSync('a,b\n1,2\n'), /^The file is compressed with gzip\. Unpack it, then upload it again\.$/],
    ['bytes that are no text', Buffer.alloc(100, '\x01\x02\x03\xff', 'latin1'), /^This is not a text file\./],
    [
      'Latin-1',
      // Behind a replacement character, which is one of UTF-8's.
      Buffer.concat([Buffer.from('a,b\n\ufffd,1\nca'), Buffer.from('fé,2\n', 'latin1')]),
      /^Line 3 is not UTF-8: byte 14 of the file is 0xE9, which no character has there\. Save the file as "CSV UTF-8"/,
    ],
    [
      'UTF-16 without a byte order mark',
      Buffer.from('a,b\n1,2\n', 'utf16le'),
      /^The text seems to be UTF-16 without a byte order mark\./,
    ],
    [
      'the same, big end first',
      Buffer.from('a,b\n1,2\n', 'utf16le').swap16(),
      /^The text seems to be UTF-16 without a byte order mark\./,
    ],
    [
      'half a UTF-16 character',
      Buffer.from('fffe61000a0031000a00d8', 'hex'),
      /^The text is not whole UTF-16 \(near line 3\)/,
    ],
    ['UTF-32', Buffer.from('fffe0000610000000a000000', 'hex'), /^The text is UTF-32\./],
    ['a NUL byte', `a\n${'x'.repeat(50)}\nb\0c\n`, 'Line 3 contains a NUL byte: this is not a text file.'],
    ['a quote that is never closed', 'a,b\n1,2\n3,"4\n5,6\n', 'A quote opens on line 3 and is never closed.'],
    [
      'a quote that the next one closes',
      'a,b\n1,"2\n3,"4"\n',
      /^Line 3 has a quote inside the value that begins with a quote on line 2\./,
    ],
    ['a quote in a value', 'a,b\n1,2 "two"\n', /^Line 2 has a quote inside a value\./],
    ['too few values', 'a,b\n"1\n1",2\n3\n', /^Line 4 has 1 value, the header has 2\./],
    ['too many values', 'a,b\n1,2,3\n', /^Line 2 has 3 values, the header has 2\./],
    ['a name twice', 'a,b,a\n1,2,3\n', 'The header names "a" twice.'],
    [
      'names that differ in case',
      'a,A\n1,2\n',
      'The header names "a" and "A", which differ only in upper and lower case.',
    ],
    ['no name', 'a, ,c\n1,2,3\n', 'Column 2 of the header has no name.'],
    ['__proto__', 'a,__proto__\n1,2\n', 'The column name "__proto__" is reserved: give it another.'],
    ['constructor', 'constructor\n1\n', 'The column name "constructor" is reserved: give it another.'],
    ['row_id', 'row_id,a\n1,2\n', 'The column name "row_id" is reserved: give it another.'],
    ['a brace in a name', 'a{b}\n1\n', /^The column name "a\{b\}" contains a brace/],
    ['a value over 1 MB', `a,b\n1,2\n3,${OVER_1_MB}\n`, 'The value of "b" that begins on line 3 is longer than 1 MB.'],
    [
      'an open quote over 1 MB',
      `a,b\n1,"${OVER_1_MB}`,
      'The value of "b" that begins on line 2 is longer than 1 MB: is a quote left open?',
    ],
    ['over 1,000 columns', `${columns(1001).join(',')}\n`, 'The header has 1001 columns; at most 1000 are allowed.'],
  ])('%s', (_, body, message) => expectRefused('rows.csv', body, message));
});

describe('a JSON Lines file is refused:', () => {
  const deep = (n: number) => `{"a":${'['.repeat(n)}${']'.repeat(n)}}\n`;
  test.each<[what: string, body: string | Buffer, message: string | RegExp]>([
    ['empty', '', 'The file is empty.'],
    ['objects without keys', '{}\n{}\n', 'The file has no line with a key.'],
    ['a gzip', gzipSync('{"a":1}\n'), /^The file is compressed with gzip/],
    ['Latin-1', Buffer.from('{"a":"x"}\n{"a":"é"}\n', 'latin1'), /^Line 2 is not UTF-8: byte 17 of the file is 0xE9/],
    ['a NUL byte', '{"a":"x"}\n{"a":"\0"}\n', 'Line 2 contains a NUL byte: this is not a text file.'],
    ['a NUL that is escaped', '{"a":"\\u0000"}\n', 'Line 1: "a" contains a NUL character.'],
    [
      'a NUL in a name',
      '{"a\\u0000":"x"}\n',
      'The name of column 1 holds a NUL or half a character (a lone surrogate).',
    ],
    ['half a character', '{"a":"\\ud800"}\n', 'Line 1: "a" holds half a character (a lone surrogate).'],
    ['a line that is no object', '{"a":1}\n\n[1,2]\n', /^Line 3 is not an object\. Each line must be one/],
    ['a line cut off', '{"a":1}\n{"a":\n', /^Line 2 is not valid JSON: /],
    ['a number with a leading zero', '{"a":007}\n', /^Line 1 is not valid JSON: .* at character 7\.$/],
    [
      'one array',
      '[\n{"a":1}\n]\n',
      /^Line 1 is not valid JSON: .*The file seems to be one JSON array: write each of its objects on a line/,
    ],
    ['a key twice', '{"a":1}\n{"a":1,"\\u0061":2}\n', 'Line 2 has the key "a" twice.'],
    ['an empty key', '{"a":1,"":2}\n', 'Column 2 of the header has no name.'],
    ['__proto__', '{"a":1}\n{"__proto__":{}}\n', 'The column name "__proto__" is reserved: give it another.'],
    ['65 deep', `{"a":1}\n${deep(65)}`, 'Line 2: "a" is nested more than 64 deep.'],
    ['a million deep', deep(1_000_000), /^Line 1/],
    ['a value over 1 MB', `{"a":1}\n{"a":"${OVER_1_MB}"}\n`, 'Line 2: the value of "a" is longer than 1 MB.'],
    ['a line over 16 MB', `{"a":1}\n{"a":"${'x'.repeat(17 * 1024 * 1024)}"}\n`, 'Line 2 is longer than 16 MB.'],
    [
      'over 1,000 keys',
      `{"a":1}\n${JSON.stringify(Object.fromEntries(columns(1000).map((name) => [name, 1])))}\n`,
      /^By line 2 there are more than 1000 different keys/,
    ],
  ])('%s', (_, body, message) => expectRefused('rows.jsonl', body, message));

  test('64 deep is taken', async () => {
    expect((await put('rows.jsonl', deep(64))).status).toBe(201);
  });
});

describe('a Parquet file is refused:', () => {
  async function write(query: string): Promise<Buffer> {
    const file = join(app.folder, 'made.parquet');
    await app.services.row_store.run(`COPY (${query}) TO ${quoteText(file)} (FORMAT parquet)`);
    return readFile(file);
  }

  test.each<[what: string, query: string, message: string | RegExp]>([
    ['no rows', 'SELECT 1 AS a WHERE false', 'The file has a header and no rows.'],
    ['a reserved name', 'SELECT 1 AS "__proto__"', 'The column name "__proto__" is reserved: give it another.'],
    [
      'bytes that are no text',
      "SELECT 'ok' AS a, '\\xFF\\x00'::BLOB AS b",
      'Row 1, column "b" holds bytes that are no text.',
    ],
    ['a NUL', "SELECT concat('a', chr(0)) AS a", 'Row 1, column "a": the value contains a NUL character.'],
    [
      'a value over 1 MB',
      "SELECT CASE range WHEN 2 THEN repeat('x', 1048577) ELSE '' END AS a FROM range(3)",
      'Row 3, column "a": the value is longer than 1 MB.',
    ],
    [
      'over 1,000 columns',
      `SELECT ${columns(1001)
        .map((name) => `1 AS ${name}`)
        .join(', ')}`,
      'The file has 1001 columns; at most 1000 are allowed.',
    ],
    ['65 deep', `SELECT ${'['.repeat(65)}1${']'.repeat(65)} AS a`, 'The column "a" is nested more than 64 deep.'],
  ])('%s', async (_, query, message) => expectRefused('rows.parquet', await write(query), message));

  test('encrypted', () =>
    expectRefused(
      'rows.parquet',
      // By the format's description such a file begins and ends with these letters.
      'PARE and what cannot be read PARE',
      'The file is an encrypted Parquet file. Write it without encryption, then upload it again.',
    ));

  test('encrypted in some of its columns', async () => {
    // Written by pyarrow, with a footer that can be read.
    const body = await readFile(join(import.meta.dirname, 'fixtures', 'encrypted-columns.parquet'));
    await expectRefused(
      'rows.parquet',
      body,
      /^The Parquet file cannot be read: .* some of its columns are encrypted\./,
    );
  });

  test('cut off, or not one at all', async () => {
    const whole = await write("SELECT range AS a, repeat('x', 100) AS b FROM range(10000)");
    const message = 'The Parquet file is cut off: it does not end as one does. Write or copy it again, then upload it.';
    for (const length of [4, 12, whole.length >> 1, whole.length - 1]) {
      await expectRefused('rows.parquet', whole.subarray(0, length), message);
    }
    const broken = Buffer.from(whole);
    broken.fill(0xff, 100, 2000);
    await expectRefused('rows.parquet', broken, /^The Parquet file cannot be read: /);
    await expectRefused('rows.parquet', 'a,b\n1,2\n', 'The name ends in .parquet, but this is not a Parquet file.');
  });
});
