import { describe, expect, test } from 'vitest';
import { type AttemptFacts, type JobFacts, nextStep, type Observed, type Step } from './next-step.ts';

const now = new Date('2026-01-01T12:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const running: JobFacts = {
  status: 'running',
  stop_requested_at: null,
  stop_reason: null,
  beat_seen_at: ago(1),
  attempts_without_progress: 0,
  time_limit_s: null,
  active_s: 0,
};
const attempt: AttemptFacts = { submitted_at: ago(60), rows_done_before: 0, rows_done: 0 };
const quiet: Observed = { now, has_result: false, ray: null };
const ray = (status: 'PENDING' | 'RUNNING' | 'STOPPED' | 'SUCCEEDED' | 'FAILED') => ({ status, message: null });

type Case = [
  name: string,
  job: Partial<JobFacts>,
  attempt: AttemptFacts | Partial<AttemptFacts>,
  observed: Partial<Observed>,
  step: Partial<Step>,
];

const cases: Case[] = [
  ['not handed to Ray yet', { status: 'pending', beat_seen_at: null }, null, {}, { do: 'submit' }],
  ['it beats', {}, attempt, {}, { do: 'wait' }],
  [
    'it beats and Ray has forgotten it (its head was restarted)',
    { beat_seen_at: ago(5) },
    attempt,
    { ray: 'unknown' },
    { do: 'wait' },
  ],
  ['it beats and Ray does not answer', { beat_seen_at: ago(19) }, attempt, { ray: null }, { do: 'wait' }],
  ['the result is there', {}, attempt, { has_result: true }, { do: 'accept' }],
  [
    'the result is there though Ray says failed',
    { beat_seen_at: ago(90) },
    attempt,
    { has_result: true, ray: ray('FAILED') },
    { do: 'accept' },
  ],
  [
    'the result is there though a stop was asked for',
    { stop_requested_at: ago(60) },
    attempt,
    { has_result: true },
    { do: 'accept' },
  ],
  [
    'Ray says failed: at once, no fence',
    { beat_seen_at: ago(4) },
    attempt,
    { ray: ray('FAILED') },
    { do: 'retry', outcome: 'died', fence_s: 0, attempts_without_progress: 1 },
  ],
  [
    'it ended well but left no result',
    { beat_seen_at: ago(4) },
    attempt,
    { ray: ray('SUCCEEDED') },
    { do: 'retry', outcome: 'died' },
  ],
  [
    'no beat for 20 s, whatever Ray says',
    { beat_seen_at: ago(20) },
    attempt,
    { ray: ray('RUNNING') },
    { do: 'retry', outcome: 'unresponsive', fence_s: 10 },
  ],
  [
    'no beat for 20 s and Ray away',
    { beat_seen_at: ago(21) },
    attempt,
    { ray: null },
    { do: 'retry', outcome: 'unresponsive', fence_s: 10 },
  ],
  [
    'rows were finished: the count starts anew',
    { beat_seen_at: ago(21), attempts_without_progress: 2 },
    { rows_done_before: 5, rows_done: 6 },
    {},
    { do: 'retry', attempts_without_progress: 0 },
  ],
  [
    'the third attempt that finished nothing',
    { beat_seen_at: ago(21), attempts_without_progress: 2 },
    attempt,
    {},
    { do: 'finish', status: 'failed' },
  ],
  [
    'waits for resources, for as long as it takes',
    { status: 'pending', beat_seen_at: null },
    { submitted_at: ago(9999) },
    { ray: ray('PENDING') },
    { do: 'wait' },
  ],
  [
    'just handed over, Ray does not show it yet',
    { status: 'pending', beat_seen_at: null },
    { submitted_at: ago(16) },
    { ray: 'unknown' },
    { do: 'wait' },
  ],
  [
    'Ray never knew it',
    { status: 'pending', beat_seen_at: null },
    { submitted_at: ago(31) },
    { ray: 'unknown' },
    { do: 'retry', outcome: 'died', fence_s: 10 },
  ],
  [
    'never begins',
    { status: 'pending', beat_seen_at: null },
    { submitted_at: ago(181) },
    { ray: ray('RUNNING') },
    { do: 'retry', outcome: 'unresponsive' },
  ],
  ['stop: the driver is told', { stop_requested_at: ago(1) }, attempt, {}, { do: 'signal_stop' }],
  [
    'stop before anything began',
    { status: 'created', beat_seen_at: null, stop_requested_at: ago(1) },
    null,
    {},
    { do: 'finish', status: 'stopped' },
  ],
  [
    'stop of a resumed job that waits',
    { status: 'created', stop_requested_at: ago(1) },
    attempt,
    {},
    { do: 'finish', status: 'stopped' },
  ],
  [
    'stop, and the driver is gone',
    { beat_seen_at: ago(4), stop_requested_at: ago(1) },
    attempt,
    { ray: ray('FAILED') },
    { do: 'finish', status: 'stopped' },
  ],
  ['within its time limit', { time_limit_s: 60, active_s: 59.9 }, attempt, {}, { do: 'wait' }],
  [
    'the time limit is reached',
    { time_limit_s: 60, active_s: 60 },
    attempt,
    {},
    { do: 'end', reason: 'Time limit of 60 s reached: resume to go on.' },
  ],
  [
    'the time limit is reached between two attempts',
    { status: 'pending', beat_seen_at: null, time_limit_s: 60, active_s: 61 },
    null,
    {},
    { do: 'end' },
  ],
  [
    'the result is there though the time limit is reached',
    { time_limit_s: 60, active_s: 61 },
    attempt,
    { has_result: true },
    { do: 'accept' },
  ],
  [
    'the time limit was reached: the driver is told',
    {
      time_limit_s: 60,
      active_s: 61,
      stop_requested_at: ago(1),
      stop_reason: 'Time limit of 60 s reached: resume to go on.',
    },
    attempt,
    {},
    { do: 'signal_stop' },
  ],
  [
    'the time limit was reached, and the driver is gone',
    {
      time_limit_s: 60,
      active_s: 61,
      stop_requested_at: ago(1),
      stop_reason: 'Time limit of 60 s reached: resume to go on.',
    },
    attempt,
    { ray: ray('FAILED') },
    { do: 'finish', status: 'stopped', reason: 'Time limit of 60 s reached: resume to go on.' },
  ],
  [
    'a person stopped it after its time limit was reached',
    { time_limit_s: 60, active_s: 61, stop_requested_at: ago(16) },
    attempt,
    {},
    { do: 'finish', status: 'stopped', reason: 'Stopped by a person.' },
  ],
  [
    'stop, and the driver does not listen',
    { stop_requested_at: ago(16) },
    attempt,
    {},
    { do: 'finish', status: 'stopped' },
  ],
];

describe('nextStep', () => {
  test.each(cases)('%s', (_, job, facts, observed, step) => {
    const attemptFacts = facts === null ? null : ({ ...attempt, ...facts } as AttemptFacts);
    expect(nextStep({ ...running, ...job }, attemptFacts, { ...quiet, ...observed })).toMatchObject(step);
  });
});
