import { METRICS } from '@touchstone/schemas';
import { describe, expect, test } from 'vitest';
import { formatBytes, formatDollars, formatMetric, formatMilliseconds, formatSeconds } from './numbers.ts';
import { createStyle } from './style.ts';
import { renderTable } from './table.ts';
import { cutText, oneLine, textWidth } from './width.ts';

test.each([
  ['plain', 5],
  ['é (composed) é', 14],
  ['日本語', 6],
  ['한국어', 6],
  ['👍', 2],
  ['👩‍👩‍👧', 2],
  ['❤️', 2],
  ['a\u200bb', 2],
  ['±0.02 · – …', 11],
  [createStyle(true).bold('bold'), 4],
])('%s is %i cells wide', (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test('a text is cut between characters', () => {
  expect(cutText('日本語テスト', 7)).toBe('日本語…');
  expect(cutText('short', 5)).toBe('short');
  expect(cutText('longer', 5)).toBe('long…');
});

test('a text of several lines with escape sequences becomes one line without', () => {
  expect(oneLine(' a\r\n\tb\u001b[31mc\u2028d ')).toBe('a b [31mc d');
});

test('columns are aligned whatever is in them', () => {
  const style = createStyle(true);
  const lines = renderTable(
    [{ title: 'Name' }, { title: 'N', align: 'right' }],
    [
      ['日本', '1'],
      [style.red('x'), '100'],
    ],
    createStyle(false),
  );
  expect(lines).toEqual(['Name    N', '────  ───', '日本    1', `${style.red('x')}     100`]);
});

describe('numbers', () => {
  test.each([
    [0, '0.0 s'],
    [9.96, '10 s'],
    [119, '119 s'],
    [125, '2 min 5 s'],
    [3 * 3600 + 61, '3 h 1 min'],
    [null, '–'],
  ])('%s seconds', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));
  test.each([
    [0.03, '<0.1 ms'],
    [3.21, '3.2 ms'],
    [203.4, '203 ms'],
    [12_345, '12 s'],
    [undefined, '–'],
  ])('%s milliseconds', (ms, text) => expect(formatMilliseconds(ms)).toBe(text));

  test.each([
    [null, '–'],
    [0, '$0'],
    [0.000123456, '$0.000123'],
    [2.5, '$2.5'],
    [1234.5, '$1235'],
  ])('%s dollars', (dollars, text) => expect(formatDollars(dollars)).toBe(text));
  test.each([
    [999, '999 B'],
    [81_677, '81.7 kB'],
    [50_000_000, '50.0 MB'],
  ])('%s bytes', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
  test('a metric by its range', () => {
    expect(formatMetric(METRICS.rougeL, 0.41234)).toBe('0.412');
    expect(formatMetric(METRICS.bleu, 12.345)).toBe('12.3');
    expect(formatMetric(METRICS.bleu, null)).toBe('–');
  });
});
