import { expect, test } from 'vitest';
import { linearTicks, scaleOf } from './plot-scale.ts';

test.each([
  [[0.21, 0.29], {}, [0.2, 0.22, 0.24, 0.26, 0.28, 0.3]],
  [[0.4, 5], { isFromZero: true }, [0, 1, 2, 3, 4, 5]],
  [[120, 890], { isFromZero: true }, [0, 200, 400, 600, 800, 1000]],
  [[0.00012], { isFromZero: true }, [0, 0.00005, 0.0001, 0.00015]],
  [[-3, 2], {}, [-3, -2, -1, 0, 1, 2]],
])('%j has the ticks of round numbers', (values, options, ticks) => {
  expect(linearTicks(scaleOf(values, options))).toEqual(ticks);
});

test.each([[[0]], [[0.3, 0.3]], [[-5]]])('%j, all the same, is still a scale with room', (values) => {
  const scale = scaleOf(values);
  expect(scale.high).toBeGreaterThan(scale.low);
  expect(values[0]! >= scale.low && values[0]! <= scale.high).toBe(true);
  expect(linearTicks(scale).length).toBeLessThan(12);
});
