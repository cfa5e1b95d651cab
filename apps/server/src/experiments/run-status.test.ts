import type { RunStatus } from '@touchstone/schemas';
import { describe, expect, test } from 'vitest';
import { experimentStatus, type JobFacts, workflowStatus } from './run-status.ts';

const job = (status: JobFacts['status'], reason: string | null = null): JobFacts => ({ status, reason });
const rows = (answered: number, failed = 0, not_run = 0) => ({
  total: answered + failed + not_run,
  answered,
  failed,
  not_run,
  pending: 0,
});

test.each<[string, JobFacts, JobFacts[], ReturnType<typeof rows>, RunStatus]>([
  ['waits', job('created'), [], rows(0, 0, 10), 'created'],
  ['on Ray', job('pending'), [], rows(0, 0, 10), 'running'],
  ['scores to come', job('succeeded'), [job('created')], rows(10), 'running'],
  ['all answered and scored', job('succeeded'), [job('succeeded')], rows(10), 'succeeded'],
  ['some rows failed', job('succeeded'), [job('succeeded')], rows(8, 2), 'partial'],
  ['the breaker, after some answers', job('failed', 'wrong key'), [job('succeeded')], rows(1, 5, 4), 'partial'],
  ['nothing answered', job('failed', 'down'), [], rows(0, 10), 'failed'],
  ['nothing answered, every row ran', job('succeeded'), [], rows(0, 10), 'failed'],
  ['stopped, scores to come', job('stopped'), [job('running')], rows(3, 0, 7), 'running'],
  ['stopped and scored', job('stopped'), [job('succeeded')], rows(3, 0, 7), 'stopped'],
  ['stopped at once', job('stopped'), [], rows(0, 0, 10), 'stopped'],
  ['scoring failed', job('succeeded'), [job('failed', 'no memory')], rows(10), 'failed'],
  ['metrics added, scored before', job('succeeded'), [job('succeeded'), job('created')], rows(10), 'running'],
  ['added metrics failed', job('succeeded'), [job('succeeded'), job('failed')], rows(10), 'partial'],
  ['added metrics stopped', job('succeeded'), [job('succeeded'), job('stopped')], rows(10), 'stopped'],
  ['all scoring failed', job('succeeded'), [job('failed'), job('failed')], rows(10), 'failed'],
])('a workflow: %s', (_, inference, evaluations, counts, status) => {
  expect(workflowStatus(inference, evaluations, counts).status).toBe(status);
});

describe('an experiment', () => {
  test.each<[RunStatus[], RunStatus]>([
    [['created', 'created'], 'created'],
    [['created', 'succeeded'], 'running'],
    [['running', 'failed'], 'running'],
    [['succeeded', 'succeeded'], 'succeeded'],
    [['failed', 'failed'], 'failed'],
    [['succeeded', 'failed'], 'partial'],
    [['succeeded', 'partial'], 'partial'],
    [['stopped', 'failed'], 'stopped'],
  ])('of %j is %s', (workflows, status) => {
    expect(experimentStatus(workflows, null)).toBe(status);
  });
});

describe('an experiment with a comparison', () => {
  test.each([
    [['succeeded'], 'created', 'running'],
    [['succeeded', 'failed'], 'running', 'running'],
    [['succeeded', 'succeeded'], 'succeeded', 'succeeded'],
    [['succeeded', 'succeeded'], 'failed', 'partial'],
    [['succeeded', 'succeeded'], 'stopped', 'partial'],
    [['succeeded', 'partial'], 'succeeded', 'partial'],
    [['stopped', 'succeeded'], 'failed', 'stopped'],
    [['running', 'succeeded'], 'stopped', 'running'],
  ] as const)('of %j and a comparison that is %s is %s', (workflows, comparison, status) => {
    expect(experimentStatus(workflows, job(comparison))).toBe(status);
  });
});
