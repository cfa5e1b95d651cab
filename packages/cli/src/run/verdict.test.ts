import type { ExperimentComparison, PairComparison } from '@touchstone/schemas';
import { expect, test } from 'vitest';
import { createStyle } from '../text/style.ts';
import { renderVerdict } from './verdict.ts';

const plain = createStyle(false);
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const interval = { low: 0.07, high: 0.11, level: 0.95, method: 'Student t' };
const pair: PairComparison = {
  metric: 'rougeL',
  family: 'primary',
  a: id(1),
  b: id(2),
  n: 250,
  difference: 0.09,
  interval,
  interval_simultaneous: interval,
  bounds: interval,
  test: 'paired t',
  p: 0.00001,
  p_adjusted: 0.00003,
  p_equivalent: 1,
  effect_size: 0.4,
  wins: 160,
  ties: 10,
  losses: 80,
  label: 'better',
  detectable: 0.02,
  spread: 0.1,
  with_failures: null,
};
const compared = (change: Partial<ExperimentComparison> = {}): ExperimentComparison => ({
  experiment_id: id(0),
  status: 'done',
  reason: null,
  job_id: id(9),
  replaces: 0,
  workflows: [
    { id: id(1), name: 'a' },
    { id: id(2), name: 'b' },
  ],
  comparison: {
    rows: 250,
    primary_metric: 'rougeL',
    metrics: [
      { name: 'rougeL', type: 'rougeL', yes_or_no: false, direction: 'higher', delta: 0.01, worst: 0, span: 1 },
    ],
    workflows: [],
    pairs: [pair, { ...pair, metric: 'bleu', family: 'exploratory' }],
  },
  rule: { rule: 'best', prefer: 'cheapest' },
  recommendation: {
    outcome: 'winner',
    workflow_id: id(1),
    runner_up_id: id(2),
    text: 'Use "a".',
    rule: 'Best on ROUGE-L.',
    evidence: [],
    would_change: ['More rows.'],
  },
  trade_off: [],
  ...change,
});

test('the verdict, what would change it, the rule and the pairs on the main metric', () => {
  expect(renderVerdict(compared(), plain)).toEqual([
    'Use "a".',
    'Would change it: More rows.',
    'Rule: Best on ROUGE-L.',
    '',
    'Model  ROUGE-L      Against  Difference  Interval, all pairs  Adjusted p  Won/equal/lost  Rows',
    '─────  ───────────  ───────  ──────────  ───────────────────  ──────────  ──────────────  ────',
    'a      better than  b             0.090       0.070 to 0.110    < 0.0001       160/10/80   250',
  ]);
});

test('nothing while models still run; why where they could not be compared', () => {
  expect(renderVerdict(compared({ status: 'waiting', comparison: null, recommendation: null }), plain)).toEqual([]);
  expect(renderVerdict(compared({ status: 'failed', reason: 'No Ray.', recommendation: null }), plain)).toEqual([
    'The models could not be compared: No Ray.',
  ]);
});
