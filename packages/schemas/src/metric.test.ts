import { expect, test } from 'vitest';
import { expandMetrics, METRIC_GROUPS, METRIC_NAMES, METRICS } from './metric.ts';

test('a group stands for its metrics, each once and in one order', () => {
  expect(expandMetrics(['length', 'rougeL', 'rouge'])).toEqual([
    'rouge1',
    'rouge2',
    'rougeL',
    'rougeLsum',
    'length_words',
    'length_chars',
  ]);
  expect(expandMetrics(['bleu', 'sentence_bleu'])).toEqual(['bleu', 'sentence_bleu']);
});

test('every metric is described, and every group names metrics', () => {
  expect(Object.keys(METRICS).toSorted()).toEqual(METRIC_NAMES.toSorted());
  for (const names of Object.values(METRIC_GROUPS)) for (const name of names) expect(METRIC_NAMES).toContain(name);
});
