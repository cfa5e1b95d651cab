import { describeMetric, PLAIN_TYPES, resolveMetrics } from '@touchstone/schemas';
import { describe, expect, test } from 'vitest';
import { makeExperiment, makeWorkflow, metric } from '../testing/experiment.ts';
import { createStyle } from '../text/style.ts';
import { textWidth } from '../text/width.ts';
import { renderComparison } from './comparison.ts';

const plain = createStyle(false);
const render = (experiment: Parameters<typeof renderComparison>[0], width = Number.POSITIVE_INFINITY) =>
  renderComparison(experiment, width, plain);

test('models down, the primary metric first with its interval, the best marked', () => {
  const lines = render(
    makeExperiment(
      [
        makeWorkflow(1, { name: 'short', metrics: { rouge1: metric(0.5, 10, 10), rougeL: metric(0.4, 10, 10) } }),
        makeWorkflow(2, {
          name: 'much longer',
          metrics: { rouge1: metric(0.45, 10, 10), rougeL: metric(0.41, 10, 10) },
        }),
      ],
      { metrics: resolveMetrics(['rouge1', 'rougeL']).map(describeMetric) },
    ),
  );
  expect(lines.slice(0, 4).map((line) => line.trimEnd())).toEqual([
    'Model             ROUGE-L ↑  ROUGE-1 ↑  Answered  Failed  Not run     p50      p95  Time',
    '───────────  ──────────────  ─────────  ────────  ──────  ───────  ──────  ───────  ────',
    'short        0.400 ±0.020      0.500 *     10/10       0        0  203 ms  1207 ms  13 s',
    'much longer  0.410 ±0.020 *    0.450       10/10       0        0  203 ms  1207 ms  13 s',
  ]);
  expect(lines[4]).toBe('* best of its column · ± half of the 95 % interval · p50, p95: time of one call');
  expect(lines[5]).toBe('10 rows, a random sample of 120.');
});

test('cost is shown where one is known, and what is unknown is no number', () => {
  const lines = render(makeExperiment([makeWorkflow(1, { cost: 0.012345 }), makeWorkflow(2, { cost: null })]));
  expect(lines[0]).toMatch(/Not run +Cost +p50/);
  expect(lines[2]).toMatch(/0 +\$0\.0123 /);
  expect(lines[3]).toMatch(/0 +– /);
  expect(render(makeExperiment([makeWorkflow(1, { cost: null })]))[0]).not.toContain('Cost');
});

test('values that are printed alike are both the best', () => {
  const workflows = [0.4001, 0.4003].map((value, i) => makeWorkflow(i, { metrics: { rougeL: metric(value, 10, 10) } }));
  expect(render(makeExperiment(workflows)).filter((line) => line.includes('0.400 ±0.020 *'))).toHaveLength(2);
});

test('a single model, and a metric without a direction, have no best', () => {
  expect(render(makeExperiment([makeWorkflow(1)])).join('\n')).not.toContain('*');
  const lengths = [10, 20].map((value, i) => makeWorkflow(i, { metrics: { length_words: metric(value, 10, 10) } }));
  const lines = render(
    makeExperiment(lengths, {
      metrics: resolveMetrics(['length_words']).map(describeMetric),
      primary_metric: 'length_words',
    }),
  );
  expect(lines.join('\n')).not.toContain('*');
});

test('a narrow terminal loses metrics, never the primary one, and is told which', () => {
  const metrics = Object.fromEntries(PLAIN_TYPES.map((name) => [name, metric(0.4, 10, 10)]));
  const experiment = makeExperiment([makeWorkflow(1, { metrics }), makeWorkflow(2, { metrics })], {
    metrics: resolveMetrics(PLAIN_TYPES).map(describeMetric),
  });
  for (const width of [80, 100, 140]) {
    const lines = render(experiment, width);
    expect(Math.max(...lines.slice(0, 4).map(textWidth))).toBeLessThanOrEqual(width);
    expect(lines[0]).toContain('ROUGE-L ↑');
    expect(lines.join('\n')).toMatch(/No room here for .*Characters/);
  }
  expect(render(experiment).join('\n')).not.toContain('No room');
});

describe('what a reader must know', () => {
  const partial = makeWorkflow(2, {
    name: 'flaky',
    status: 'partial',
    reason: '2 of 10 rows failed.',
    rows: { total: 10, answered: 7, failed: 2, not_run: 1, pending: 0 },
    errors: { timeout: { count: 2, message: 'No answer in 60 s.' } },
    metrics: { rougeL: metric(0.5, 7, 10) },
  });

  test('failed and not-run rows, with reasons and errors', () => {
    const lines = render(makeExperiment([makeWorkflow(1), partial], { status: 'partial' }));
    expect(lines.find((line) => line.startsWith('flaky  '))).toMatch(/7\/10 {7}2 {8}1 /);
    expect(lines.slice(-3)).toEqual(['', 'flaky partial: 2 of 10 rows failed.', '  2 × timeout: No answer in 60 s.']);
  });

  test('an error that the reason quotes is not said twice', () => {
    const quoted = { ...partial, reason: '2 of 10 rows failed. No answer in 60 s.' };
    expect(
      render(makeExperiment([quoted]))
        .join('\n')
        .match(/No answer in 60 s/g),
    ).toHaveLength(1);
  });

  test('that the models were scored on different rows', () => {
    expect(render(makeExperiment([makeWorkflow(1), partial])).join('\n')).toContain('not scored on the same rows');
  });

  test('rows that were left out', () => {
    const sample = { rows: 10, available: 10, blank_input: 1, blank_reference: 2, sha256: '0'.repeat(64) };
    expect(render(makeExperiment([makeWorkflow(1)], { sample })).join('\n')).toContain(
      '10 rows. Left out: 1 row with a blank input, 2 rows with a blank reference.',
    );
  });
});

test('a name cannot move the cursor or break the line', () => {
  const lines = render(makeExperiment([makeWorkflow(1, { name: 'a\u001b[2J\nb' })]));
  expect(lines[2]).toMatch(/^a \[2J b /);
});
