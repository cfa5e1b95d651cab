import { describe, expect, test } from 'vitest';
import { CsvProblem, type CsvRecord, readCsv } from './csv.ts';
import { findHeaderProblem } from './header.ts';

async function read(text: string | Uint8Array, chunk = 7): Promise<CsvRecord[]> {
  const bytes = Buffer.from(text as string);
  async function* chunks() {
    for (let i = 0; i < bytes.length; i += chunk) yield bytes.subarray(i, i + chunk);
  }
  return Array.fromAsync(readCsv(chunks()));
}

describe('readCsv', () => {
  test('values come back as written', async () => {
    const records = await read('\ufeffa,b\r\n007,1e5\r\n" x ","say ""yes"", now"\r\n\r\n"two\nlines",é😀\r\n');
    expect(records).toEqual([
      { line: 1, values: ['a', 'b'] },
      { line: 2, values: ['007', '1e5'] },
      { line: 3, values: [' x ', 'say "yes", now'] },
      { line: 4, values: ['two\nlines', 'é😀'] },
    ]);
  });

  test('columns that every record leaves out at the end are empty', async () => {
    const records = await read('a,b\n1\n2\n');
    expect(records.map((record) => record.values)).toEqual([
      ['a', 'b'],
      ['1', ''],
      ['2', ''],
    ]);
  });

  test.each<[string, string | Uint8Array, RegExp]>([
    ['a row too short', 'a,b\n1,2\n"x\ny",3\n4\n', /^Line 5 has 1 value, the header has 2/],
    ['a row too long', 'a,b\n1,2,3\n', /^Line 2 has 3 values, the header has 2/],
    ['an open quote', 'a,b\n1,"2\n3,4\n', /line 2 and is never closed/],
    ['a quote inside a value', 'a,b\n1,x "y" z\n', /^Line 2 has a quote inside/],
    ['not UTF-8', Buffer.from('a\ncaf\xe9\n', 'latin1'), /not UTF-8 \(near line 2\)/],
    ['a NUL byte', 'a\n1\n\0\n', /^Line 3 contains a NUL byte/],
  ])('%s is refused with its line', async (_, text, message) => {
    const error = await read(text).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(CsvProblem);
    expect(error.message).toMatch(message);
  });
});

test.each([
  [['a', ''], /Column 2 of the header has no name/],
  [['a', 'a'], /names "a" twice/],
  [['a', 'A'], /differ only in upper and lower case/],
  [['row_id'], /reserved/],
  [['__proto__'], /reserved/],
  [['a{b'], /brace/],
  [Array.from({ length: 1001 }, (_, i) => `c${i}`), /at most 1000/],
])('a header %j is refused', (names, message) => {
  expect(findHeaderProblem(names)).toMatch(message);
});
