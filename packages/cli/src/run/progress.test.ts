import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { makeExperiment, makeWorkflow } from '../testing/experiment.ts';
import { createStyle } from '../text/style.ts';
import { createProgressView, progressLines } from './progress.ts';

const plain = createStyle(false);
const running = makeWorkflow(1, {
  name: 'gpt',
  status: 'running',
  stage: 'inference',
  rows: { total: 40, answered: 20, failed: 2, not_run: 0, pending: 18 },
  rows_per_second: 4.25,
  jobs: [
    {
      id: '00000000-0000-4000-8000-000000000009',
      kind: 'inference',
      status: 'running',
      attempt: 1,
      reason: null,
      created_at: '2025-03-02T14:05:00Z',
      started_at: '2025-03-02T14:05:00Z',
      finished_at: null,
      seconds: 1,
    },
  ],
});

const withJob = (status: 'created' | 'pending') => ({
  ...running,
  jobs: running.jobs.map((job) => ({ ...job, status })),
});

describe('one line per workflow', () => {
  test('bar, rows, stage, rate and failures', () => {
    expect(progressLines(makeExperiment([running]), plain)).toEqual([
      'gpt  ━━━━━━━━━━━─────────  22/40  answering  4.3 rows/s  2 failed',
    ]);
  });
  test.each([
    [withJob('created'), 'waiting'],
    [withJob('pending'), 'starting'],
    [{ ...running, stage: 'evaluation' as const }, 'scoring'],
    [{ ...running, status: 'failed' as const, stage: null }, 'failed in 13 s'],
    [{ ...running, reason: 'the endpoint does not answer' }, 'the endpoint does not answer'],
    [
      {
        ...running,
        reason: "the endpoint's rate limit",
        next_call_at: new Date(2025, 2, 2, 14, 3, 20).getTime() / 1000,
      },
      "the endpoint's rate limit; next try 14:03:20",
    ],
  ])('what it is doing: $1', (workflow, words) => {
    expect(progressLines(makeExperiment([workflow]), plain)[0]).toContain(words);
  });
});

function capture(properties: { isTTY?: boolean; columns?: number; rows?: number }) {
  const output = Object.assign(new PassThrough({ encoding: 'utf8' }), properties);
  return { output, text: () => String(output.read() ?? '') };
}

test('a terminal is redrawn in place and never wraps', () => {
  const { output, text } = capture({ isTTY: true, columns: 30, rows: 10 });
  const view = createProgressView(output, { NO_COLOR: '1' });
  const experiment = makeExperiment([running, makeWorkflow(2)], { status: 'running' });
  view.show(experiment);
  expect(
    Math.max(
      ...text()
        .split('\n')
        .map((line) => line.length),
    ),
  ).toBeLessThan(30);
  view.show(experiment);
  expect(text().startsWith('\u001b[2A\u001b[0J')).toBe(true);
});

test('elsewhere it prints what changed, every five seconds', () => {
  let now = 0;
  const { output, text } = capture({});
  const view = createProgressView(output, {}, () => now);
  const experiment = (answered: number) =>
    makeExperiment([{ ...running, rows: { ...running.rows, answered, pending: 38 - answered } }, makeWorkflow(2)], {
      status: 'running',
    });
  view.show(experiment(20));
  expect(text().trimEnd().split('\n')).toHaveLength(2);
  now = 4000;
  view.show(experiment(25));
  expect(text()).toBe('');
  now = 5000;
  view.show(experiment(30));
  expect(text()).toMatch(/^gpt .* 32\/40 .*\n$/);
});
