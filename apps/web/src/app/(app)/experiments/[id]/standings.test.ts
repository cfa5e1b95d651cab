import {
  type Comparison,
  describeMetric,
  type MetricName,
  type PairComparison,
  type PairLabel,
  type PlainType,
  type Workflow,
} from '@touchstone/schemas';
import { expect, test } from 'vitest';
import { standings } from './standings.ts';

const metric = (type: PlainType) => describeMetric({ type, name: type });

const workflow = (id: string, metric: MetricName, value: number | null) =>
  ({ id, metrics: value === null ? {} : { [metric]: { value } } }) as unknown as Workflow;

const pair = (metric: MetricName, a: string, b: string, difference: number, label: PairLabel | null) =>
  ({
    metric,
    a,
    b,
    n: 100,
    difference,
    label,
    interval: null,
    with_failures: null,
    interval_simultaneous: { low: difference - 0.02, high: difference + 0.02, level: 0.98, method: '' },
  }) as unknown as PairComparison;

const compared = (pairs: PairComparison[]) => ({ pairs }) as Comparison;

test('the best, what is not shown to be worse, and what is; the interval is placed against the best', () => {
  const workflows = [workflow('a', 'rougeL', 0.3), workflow('b', 'rougeL', 0.29), workflow('c', 'rougeL', 0.2)];
  const pairs = [pair('rougeL', 'a', 'b', 0.01, 'no_difference'), pair('rougeL', 'c', 'a', -0.1, 'worse')];
  const found = standings(workflows, metric('rougeL'), compared(pairs))!;
  expect(found.get('a')).toEqual({ standing: 'best', interval: null });
  expect(found.get('b')).toEqual({
    standing: 'tied',
    interval: { low: expect.closeTo(0.27), high: expect.closeTo(0.31), level: 0.95 },
  });
  expect(found.get('c')).toMatchObject({ standing: 'worse', interval: { high: expect.closeTo(0.22) } });
});

test('where lower is better the lowest is the best', () => {
  const workflows = [workflow('a', 'ter', 60), workflow('b', 'ter', 50)];
  const found = standings(workflows, metric('ter'), compared([pair('ter', 'a', 'b', 10, 'worse')]))!;
  expect(found.get('b')!.standing).toBe('best');
  expect(found.get('a')!.standing).toBe('worse');
});

test('nothing is said where nothing was compared, or neither end is better', () => {
  const lengths = [workflow('a', 'length_words', 3), workflow('b', 'length_words', 4)];
  expect(standings(lengths, metric('length_words'), compared([pair('length_words', 'a', 'b', -1, null)]))).toBeNull();
  expect(
    standings([workflow('a', 'rougeL', 0.3), workflow('b', 'rougeL', null)], metric('rougeL'), compared([])),
  ).toBeNull();
});
