import { expect, test } from 'vitest';
import { readLimit, readRule } from './rule.ts';

const read = (query: string) => readRule(new URLSearchParams(query));

test('a rule is read from the URL; a share is a percentage there', () => {
  expect(read('')).toEqual({ prefer: 'cheapest' });
  expect(read('prefer=fastest&delta=0.02&max_failed=5&max_latency=2000&max_cost=1.5')).toEqual({
    prefer: 'fastest',
    delta: 0.02,
    max_failed: 0.05,
    max_latency_p95: 2000,
    max_cost: 1.5,
  });
});

test.each(['prefer=best', 'delta=-1', 'delta=much', 'max_failed=101', 'max_latency=0', 'max_cost=1e9', 'delta='])(
  'what cannot be a rule is left out: %s',
  (query) => {
    expect(read(query)).toEqual({ prefer: 'cheapest' });
  },
);

test('a limit that cannot be one is told', () => {
  expect(readLimit('max_failed', '101')).toBeNull();
  expect(readLimit('max_failed', ' 2.5 ')).toBe(0.025);
});
