import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bestValue, METRIC_GROUPS, METRIC_TYPES, METRICS } from './metric.ts';

test('the best value goes by the direction', () => {
  expect(bestValue(METRICS.rougeL, [0.1, 0.3, 0.2])).toBe(0.3);
  expect(bestValue(METRICS.ter, [61, 48, 52])).toBe(48);
  expect(bestValue(METRICS.length_words, [3, 1])).toBeNull();
  expect(bestValue(METRICS.ter, [])).toBeNull();
});

test('every type is described, and every group names types', () => {
  expect(Object.keys(METRICS)).toEqual([...METRIC_TYPES]);
  for (const types of Object.values(METRIC_GROUPS)) for (const type of types) expect(METRIC_TYPES).toContain(type);
});

/** jobs/tests/test_metrics.py holds the jobs' table to the same file. */
test('the table is that of the jobs', () => {
  const facts = Object.fromEntries(
    METRIC_TYPES.map((type) => {
      const { needs_reference, needs_input, yes_or_no, per_row } = METRICS[type];
      return [type, { needs_reference, needs_input, yes_or_no, per_row }];
    }),
  );
  const fixture = readFileSync(new URL('../fixtures/metric-types.json', import.meta.url), 'utf8');
  expect(JSON.parse(fixture)).toEqual(facts);
});
