import { describe, expect, test } from 'vitest';
import { explainError } from './common.ts';
import { EvaluationSpec } from './job-files.ts';
import {
  describeMetric,
  Metric,
  type MetricRef,
  MetricSettings,
  metricRefs,
  resolveMetrics,
  settingsOf,
} from './metric-settings.ts';

const names = (refs: MetricRef[]) => resolveMetrics(refs).map(({ name }) => name);

test('groups stand for their metrics, each once and in one order', () => {
  expect(names(['length', 'rougeL', 'rouge'])).toEqual([
    'rouge1',
    'rouge2',
    'rougeL',
    'rougeLsum',
    'length_words',
    'length_chars',
  ]);
  expect(names(['bleu', 'sentence_bleu'])).toEqual(['bleu', 'sentence_bleu']);
});

test('a check is called by its type where it has no name, and comes in the order in which it is written', () => {
  const checks: MetricRef[] = [
    { type: 'contains', text: 'b' },
    { type: 'contains', name: 'has_a', text: 'a', ignore_case: true },
  ];
  expect(resolveMetrics([...checks, 'rouge1'])).toEqual([
    { type: 'rouge1', name: 'rouge1' },
    { type: 'contains', name: 'contains', text: 'b', ignore_case: false },
    { type: 'contains', name: 'has_a', text: 'a', ignore_case: true },
  ]);
});

test('what is resolved resolves to itself', () => {
  const settings = resolveMetrics(['rouge', 'ter', { type: 'contains_any', name: 'any', texts: ['a'] }]);
  expect(resolveMetrics(settings)).toEqual(settings);
  expect(metricRefs('').parse(settings)).toEqual(settings);
});

describe('metrics that are refused', () => {
  const Refs = metricRefs('Choose at least one metric.');
  const contains = (name: string) => ({ type: 'contains', name, text: 'x' });
  test.each([
    ['none', [], /Choose at least one metric/],
    ['an unknown type', ['rouge3'], /\[0\].*did you mean "rouge/],
    ['an unknown type with settings', [{ type: 'contain', text: 'x' }], /\[0\]: .*did you mean "contains"/],
    ['a check without its settings', ['contains'], /\[0\]: contains has settings: write \{ type: contains/],
    ['an empty text', [{ type: 'contains', text: '' }], /\[0\]\.text: Say which text/],
    ['no texts', [{ type: 'contains_any', texts: [] }], /\[0\]\.texts: Name at least one/],
    ['a setting of another type', [{ type: 'contains', text: 'x', texts: ['x'] }], /did you mean "text"/],
    ['a name that no column can have', [contains('has number')], /\[0\]\.name: Letters, digits and _/],
    ['two of one name', [contains('a'), contains('a')], /\[1\]\.name: Two metrics are named "a"/],
    ['names that differ in case alone', [contains('has_a'), contains('HAS_A')], /\[1\]\.name: Two metrics/],
    [
      'two without a name',
      [
        { type: 'contains', text: 'a' },
        { type: 'contains', text: 'b' },
      ],
      /Two metrics are named/,
    ],
    ['the name of another metric', [contains('rougel')], /"rougel" is a metric of its own/],
    ['the name of a group', [contains('length')], /"length" is a metric of its own/],
    ['a name for one without settings', [{ type: 'bleu', name: 'mine' }], /bleu has no settings, so its name is bleu/],
    ...['row_id', 'repeat', 'Prediction', 'cost', 'x_statistics'].map(
      (name) => [name, [contains(name)], /the name of another column/] as const,
    ),
    ['101', Array.from({ length: 101 }, (_, i) => contains(`c${i}`)), /At most 100 metrics/],
  ] as const)('%s', (_, refs, message) => {
    const { error } = Refs.safeParse(refs);
    expect(error && explainError(error)).toMatch(message);
  });

  test('a hundred are not', () => {
    const refs = Array.from({ length: 100 }, (_, i) => contains(`c${i}`));
    expect(resolveMetrics(Refs.parse(refs) as MetricRef[])).toHaveLength(100);
  });
});

test('a metric is described by its type, a check also by its settings', () => {
  const [rouge1, check] = resolveMetrics(['rouge1', { type: 'contains', name: 'has_a', text: 'a', ignore_case: true }]);
  expect(describeMetric(rouge1!)).toMatchObject({ name: 'rouge1', label: 'ROUGE-1', needs_reference: true });
  expect(describeMetric(check!)).toMatchObject({
    label: 'has_a',
    needs_reference: false,
    yes_or_no: true,
    description: 'The answer contains "a"; upper and lower case are alike.',
  });
  for (const settings of [rouge1!, check!]) {
    expect(settingsOf(Metric.parse(describeMetric(settings)))).toEqual(settings);
  }
});

test('many texts are not all told', () => {
  const [check] = resolveMetrics([{ type: 'contains_all', texts: ['a', 'b', 'c', 'd', 'e', 'f'] }]);
  expect(describeMetric(check!).description).toBe('The answer contains "a", "b", "c", "d" and 2 more.');
});

test('metrics that an older spec only names are read', () => {
  expect(EvaluationSpec.shape.metrics.parse(['bleu'])).toEqual([{ type: 'bleu', name: 'bleu' }]);
  expect(MetricSettings.safeParse({ type: 'bleu' }).success).toBe(false);
});
