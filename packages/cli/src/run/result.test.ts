import { RunStatus } from '@touchstone/schemas';
import { expect, test } from 'vitest';
import { makeExperiment, makeWorkflow, metric } from '../testing/experiment.ts';
import { exitCodeOfRun, toRunResult } from './result.ts';

test('the result has exactly the shape that is promised', () => {
  const experiment = makeExperiment([
    makeWorkflow(1, { metrics: { rougeL: metric(0.4, 9, 10), bleu: metric(null, 0, 10) } }),
    makeWorkflow(2, { status: 'failed', latency_ms: null, metrics: {} }),
  ]);
  expect(toRunResult(experiment, null, 'http://127.0.0.1:4300')).toEqual({
    experiment: {
      id: experiment.id,
      name: 'Summaries',
      status: 'succeeded',
      url: `http://127.0.0.1:4300/experiments/${experiment.id}`,
    },
    workflows: [
      {
        id: experiment.workflows[0]!.id,
        name: 'model 1',
        model: 'org/model-1',
        status: 'succeeded',
        seconds: { total: 12.5, inference: 3.25, evaluation: 0.5 },
        rows: { total: 10, answered: 10, failed: 0, not_run: 0, pending: 0 },
        metrics: {
          rougeL: {
            value: 0.4,
            median: null,
            scored: 9,
            total: 10,
            standard_error: 0.01,
            interval: [0.38, expect.closeTo(0.42)],
            signature: 'test',
          },
          bleu: {
            value: null,
            median: null,
            scored: 0,
            total: 10,
            standard_error: null,
            interval: null,
            signature: 'test',
          },
        },
        latency_ms: { p50: 203.4, p95: 1207 },
        first_token_ms: null,
        judging: [],
      },
      expect.objectContaining({ name: 'model 2', status: 'failed', latency_ms: null, metrics: {} }),
    ],
    comparison: [],
    recommendation: null,
    trade_off: [],
  });
});

test.each(RunStatus.options)('exit code of %s', (status) => {
  expect(exitCodeOfRun(status, false)).toBe(status === 'succeeded' ? 0 : 1);
  expect(exitCodeOfRun(status, true)).toBe(status === 'succeeded' || status === 'partial' ? 0 : 1);
});
