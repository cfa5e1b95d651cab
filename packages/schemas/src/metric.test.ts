import { expect, test } from 'vitest';
import { bestValue, expandMetrics, METRIC_GROUPS, METRIC_NAMES, METRICS } from './metric.ts';

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

test('the best value goes by the direction', () => {
  expect(bestValue('rougeL', [0.1, 0.3, 0.2])).toBe(0.3);
  expect(bestValue('ter', [61, 48, 52])).toBe(48);
  expect(bestValue('length_words', [3, 1])).toBeNull();
  expect(bestValue('ter', [])).toBeNull();
});

test('every metric is described, and every group names metrics', () => {
  expect(Object.keys(METRICS).toSorted()).toEqual(METRIC_NAMES.toSorted());
  for (const names of Object.values(METRIC_GROUPS)) for (const name of names) expect(METRIC_NAMES).toContain(name);
});
