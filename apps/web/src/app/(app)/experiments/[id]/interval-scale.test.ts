import { describe, expect, test } from 'vitest';
import { columnScale, position } from './interval-scale.ts';

const at = (value: number, low?: number, high?: number) => ({
  value,
  interval: low === undefined || high === undefined ? null : { low, high },
});

describe('columnScale', () => {
  test.each([
    ['intervals between round ends', [at(0.29, 0.27, 0.31), at(0.2, 0.183, 0.22)], [0, 1], 0.18, 0.32],
    ['a value without an interval', [at(12), at(18)], [0, 100], 12, 18],
    ['never below the range', [at(0.02, -0.01, 0.05)], [0, 1], 0, 0.05],
    ['never above the range', [at(0.98, 0.93, 1.02)], [0, 1], 0.92, 1],
    ['no upper end of the range', [at(110, 90, 131)], [0, null], 90, 140],
    ['one value alone gets room on both sides', [at(50)], [0, 100], 48, 52],
    ['zero alone', [at(0)], [0, 1], 0, 0.02],
  ] as const)('%s', (_, points, range, low, high) => {
    const scale = columnScale(points, range as [number, number | null])!;
    expect(scale.low).toBeCloseTo(low, 10);
    expect(scale.high).toBeCloseTo(high, 10);
  });

  test('nothing scored yet: no scale', () => {
    expect(columnScale([{ value: null, interval: null }], [0, 1])).toBeNull();
    expect(columnScale([], [0, 1])).toBeNull();
  });

  test('every point lies inside, over many magnitudes', () => {
    for (const unit of [1e-6, 0.01, 1, 37, 1e5]) {
      const points = [at(3.3 * unit, 2.9 * unit, 3.7 * unit), at(7.1 * unit, 6.2 * unit, 8.4 * unit)];
      const scale = columnScale(points, [0, null])!;
      expect(scale.low).toBeLessThanOrEqual(2.9 * unit);
      expect(scale.high).toBeGreaterThanOrEqual(8.4 * unit);
      // The points take most of the width: the scale is not needlessly wide.
      expect(5.5 * unit).toBeGreaterThan(0.6 * (scale.high - scale.low));
    }
  });
});

test('position runs from 0 to 1 and stays inside', () => {
  const scale = { low: 0.2, high: 0.4 };
  expect(position(scale, 0.2)).toBe(0);
  expect(position(scale, 0.3)).toBeCloseTo(0.5);
  expect(position(scale, 9)).toBe(1);
  expect(position({ low: 1, high: 1 }, 1)).toBe(0.5);
});
