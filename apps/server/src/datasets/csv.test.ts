import { describe, expect, test } from 'vitest';
import { createCsvParser } from './csv.ts';
import { findHeaderProblem } from './header.ts';
import { TableProblem } from './problem.ts';
import { collectRows, feed } from './testing.ts';

/** The header, then the rows, read in pieces of so many bytes. */
function read(text: string | Buffer, size: number): string[][] {
  const { sink, table } = collectRows();
  feed(createCsvParser(sink), text, size);
  return table;
}

describe.each([1, 2, 3, 7, 4096])('CSV in pieces of %i bytes', (size) => {
  test('values come back as written', () => {
    const text = '\ufeffa,b\r\n007,1e5\r\n" x ","say ""yes"", now"\r\n\r\n"two\r\nlines",é😀\r\n';
    expect(read(text, size)).toEqual([
      ['a', 'b'],
      ['007', '1e5'],
      [' x ', 'say "yes", now'],
      ['two\r\nlines', 'é😀'],
    ]);
  });

  test.each([
    ['no line end at the end', 'a,b\n1,2', [['1', '2']]],
    ['an empty value at the very end', 'a,b\n1,', [['1', '']]],
    ['quotes at the very end', 'a,b\n1,"x"', [['1', 'x']]],
    ['an empty value in quotes is a row', 'a\n""\n\n""\n', [[''], ['']]],
    [
      'lines that end in CR',
      'a,b\r1,2\r3,4\r',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'every record leaves out the last column',
      'a,b\n1\n2\n',
      [
        ['1', ''],
        ['2', ''],
      ],
    ],
    ['tabs and spaces', 'a,b\n\t, \n', [['\t', ' ']]],
  ])('%s', (_, text, rows) => {
    expect(read(text, size).slice(1)).toEqual(rows);
  });

  test.each<[string, string | Buffer, RegExp]>([
    ['a row too short', 'a,b\n1,2\n"x\ny",3\n4\n', /^Line 5 has 1 value, the header has 2/],
    ['a row too short after CRLF', 'a,b\r\n1,2\r\n"x\r\ny",3\r\n4\r\n', /^Line 5 has 1 value, the header has 2/],
    ['a row too long', 'a,b\n1,2,3\n', /^Line 2 has 3 values, the header has 2/],
    ['an open quote', 'a,b\n1,2\n1,"2\n3,4\n', /^A quote opens on line 3 and is never closed/],
    ['a quote inside a value', 'a,b\n1,x "y" z\n', /^Line 2 has a quote inside/],
    ['text after a closing quote', 'a,b\n1,2\n"x"y,2\n', /^Line 3 has a quote inside/],
    ['not UTF-8', Buffer.from('a\nb\ncaf\xe9\n', 'latin1'), /^Line 3 is not UTF-8/],
    ['half a character at the end', Buffer.from('a\nb\n\xe2\x82', 'latin1'), /^Line 3 is not UTF-8/],
    [
      'a NUL byte',
      'a\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\nb\0\n',
      /Line 3 contains a NUL byte|not a text/,
    ],
    [
      'a cell over 1 MB',
      `a,b\n1,2\n3,${'x'.repeat(1024 * 1024 + 1)}\n`,
      /of "b" that begins on line 3 is longer than 1 MB/,
    ],
    [
      'a quote left open',
      `a,b\n1,2\n3,"${'x,\n'.repeat(400_000)}`,
      /of "b" that begins on line 3 is longer than 1 MB: is a quote left open/,
    ],
  ])('%s is refused with its line', (_, text, message) => {
    if (text.length > 100_000 && size < 4096) return;
    expect(() => read(text, size)).toThrow(TableProblem);
    expect(() => read(text, size)).toThrow(message);
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
