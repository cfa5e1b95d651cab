import { expect, test } from 'vitest';
import { chooseEdges } from './distribution.ts';

test.each<[number, number, number[]]>([
  [0, 1, Array.from({ length: 21 }, (_, i) => i / 20)],
  [0.13, 0.17, Array.from({ length: 21 }, (_, i) => Number((0.13 + i * 0.002).toFixed(3)))],
  [0, 7, [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7]],
  [3, 412, Array.from({ length: 10 }, (_, i) => i * 50)],
  [0, 0, [0, 0.05]],
  [42, 42, [40, 45]],
])('values from %d to %d are in bins of round ends', (low, high, edges) => {
  expect(chooseEdges(low, high)).toEqual(edges);
});
