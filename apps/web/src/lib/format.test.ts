import { describe, expect, test } from 'vitest';
import {
  exact,
  formatBytes,
  formatCount,
  formatCounted,
  formatDuration,
  formatElapsed,
  formatMoney,
  formatMs,
  formatNumber,
  formatPercent,
  formatRate,
  formatRelative,
  formatScore,
  secondsBetween,
} from './format.ts';

describe('three significant digits', () => {
  test.each([
    [0, '0'],
    [4, '4'],
    [0.41237, '0.412'],
    [0.5, '0.500'],
    [12.345, '12.3'],
    [999, '999'],
    [1234.5, '1,230'],
    [-0.0123456, '-0.0123'],
    [null, '–'],
    [undefined, '–'],
    [Number.NaN, '–'],
  ])('formatNumber(%s) is %s', (value, text) => expect(formatNumber(value)).toBe(text));

  test.each([
    [0, '0'],
    [1, '1.00'],
    [0.5, '0.500'],
    [12, '12.0'],
    [null, '–'],
  ])('formatScore(%s) is %s', (value, text) => expect(formatScore(value)).toBe(text));

  test('a count keeps every digit', () => {
    expect(formatCount(1_204_331)).toBe('1,204,331');
    expect(formatCounted(1, 'row')).toBe('1 row');
    expect(formatCounted(2000, 'row')).toBe('2,000 rows');
    expect(formatCounted(2, 'experiment uses', 'experiments use')).toBe('2 experiments use');
  });

  test('the exact value keeps its digits and unit', () => {
    expect(exact(0.4123456789012345)).toBe('0.4123456789012345');
    expect(exact(1234567, 'bytes')).toBe('1,234,567 bytes');
    expect(exact(null)).toBeUndefined();
  });

  test('rates and fractions', () => {
    expect(formatRate(12.345)).toBe('12.3 rows/s');
    expect(formatRate(null)).toBe('–');
    expect(formatPercent(0.0481)).toBe('4.81 %');
    expect(formatPercent(1)).toBe('100 %');
  });
});

test.each([
  [0, '0 s'],
  [0.0004, '0.4 ms'],
  [0.212, '212 ms'],
  [0.9994, '999 ms'],
  [0.9996, '1.00 s'],
  [1.234, '1.23 s'],
  [59.94, '59.9 s'],
  [59.96, '1 min 00 s'],
  [125, '2 min 05 s'],
  [3599.6, '1 h 00 min'],
  [3720, '1 h 02 min'],
  [86_399, '1 d 0 h'],
  [100 * 3600, '4 d 4 h'],
  [null, '–'],
])('formatDuration(%s) is %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

test('milliseconds and a ticking clock', () => {
  expect(formatMs(1834.2)).toBe('1.83 s');
  expect(formatMs(null)).toBe('–');
  expect(formatElapsed(7.9)).toBe('7 s');
  expect(formatElapsed(67.9)).toBe('1 min 07 s');
});

test.each([
  [0, '$0'],
  [0.0012345, '$0.00123'],
  [0.5, '$0.500'],
  [12.345, '$12.35'],
  [1234, '$1,230'],
  [-0.5, '−$0.500'],
  [null, '–'],
])('formatMoney(%s) is %s', (dollars, text) => expect(formatMoney(dollars)).toBe(text));

test.each([
  [0, '0 B'],
  [812, '812 B'],
  [999, '999 B'],
  [1000, '1.00 kB'],
  [12_345, '12.3 kB'],
  [999_600, '1.00 MB'],
  [49_123_000, '49.1 MB'],
  [null, '–'],
])('formatBytes(%s) is %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

describe('relative time', () => {
  const now = new Date('2026-11-24T12:00:00Z');
  test.each([
    ['2026-11-24T12:00:20Z', 'just now'],
    ['2026-11-24T11:59:40Z', 'just now'],
    ['2026-11-24T11:48:00Z', '12 min ago'],
    ['2026-11-24T09:00:00Z', '3 h ago'],
    ['2026-11-23T11:00:00Z', 'yesterday'],
    ['2026-11-20T12:00:00Z', '4 d ago'],
    ['2026-10-12T12:00:00Z', '12 Oct'],
    ['2025-10-12T12:00:00Z', '12 Oct 2025'],
  ])('%s is %s', (timestamp, text) => expect(formatRelative(timestamp, now)).toBe(text));

  test('the time between two moments never is negative and runs on to now', () => {
    expect(secondsBetween('2026-11-24T11:59:00Z', null, now)).toBe(60);
    expect(secondsBetween('2026-11-24T11:59:00Z', '2026-11-24T11:59:10Z', now)).toBe(10);
    expect(secondsBetween('2026-11-24T12:01:00Z', null, now)).toBe(0);
    expect(secondsBetween(null, null, now)).toBeNull();
  });
});
