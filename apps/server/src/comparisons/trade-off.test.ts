import { type Comparison, describeMetric, type PairComparison, type PairLabel } from '@touchstone/schemas';
import { expect, test } from 'vitest';
import type { Candidate } from './decide.ts';
import { findTradeOff } from './trade-off.ts';

const model = (id: string, value: number | null, cost: number | null, latency_p95: number | null): Candidate => ({
  id,
  name: id,
  is_baseline: false,
  is_local: false,
  value,
  failed: 0,
  own_failures: { failed: 0, ran: 250 },
  latency_p95,
  cost,
  ended_early: null,
});

const pair = (a: string, b: string, label: PairLabel) => ({ metric: 'rougeL', a, b, label }) as PairComparison;

const dominatedBy = (candidates: Candidate[], pairs: PairComparison[]) =>
  Object.fromEntries(
    findTradeOff({
      metric: describeMetric({ type: 'rougeL', name: 'rougeL' }),
      candidates,
      comparison: { pairs } as Comparison,
    }).map(({ workflow_id, dominated_by }) => [workflow_id, dominated_by]),
  );

test('a model that is shown to be worse, costs more and is slower is dominated', () => {
  const models = [model('good', 0.4, 1, 100), model('bad', 0.3, 2, 200)];
  expect(dominatedBy(models, [pair('good', 'bad', 'better')])).toEqual({ good: null, bad: 'good' });
});

test.each([
  ['that was not shown to be worse', 'no_difference', model('b', 0.3, 2, 200)],
  ['that is equivalent', 'equivalent', model('b', 0.3, 2, 200)],
  ['that is worse and cheaper', 'better', model('b', 0.3, 0.5, 200)],
  ['that is worse and faster', 'better', model('b', 0.3, 2, 50)],
  ['of unknown cost', 'better', model('b', 0.3, null, 200)],
  ['of unknown latency', 'better', model('b', 0.3, 2, null)],
] as const)('a model %s is not', (_, label, other) => {
  expect(dominatedBy([model('a', 0.4, 1, 100), other], [pair('a', 'b', label)])).toEqual({ a: null, b: null });
});

test('equal cost, and a part of a millisecond, are no advantage', () => {
  const models = [model('a', 0.4, 1, 100.4), model('b', 0.3, 1, 100.2)];
  expect(dominatedBy(models, [pair('a', 'b', 'better')])).toEqual({ a: null, b: 'a' });
});

test('a model without a score is left out, and without a comparison nothing is dominated', () => {
  const candidates = [model('a', 0.4, 1, 100), model('b', null, 2, 200)];
  expect(
    findTradeOff({ metric: describeMetric({ type: 'rougeL', name: 'rougeL' }), candidates, comparison: null }),
  ).toEqual([{ workflow_id: 'a', value: 0.4, cost: 1, latency_p95: 100, dominated_by: null }]);
});
