import { z } from 'zod';
import { Count, Id, Name, object, Timestamp } from './common.ts';
import { JobKind, JobSpec, Progress } from './job-files.ts';

export const JobStatus = z.enum(['created', 'pending', 'running', 'succeeded', 'failed', 'stopped']);
export type JobStatus = z.infer<typeof JobStatus>;

export const JobSummary = object({
  id: Id,
  kind: JobKind,
  status: JobStatus,
  attempt: Count,
  /** Why it failed or stopped, or what it waits for. */
  reason: z.string().nullable(),
  created_at: Timestamp,
  started_at: Timestamp.nullable(),
  finished_at: Timestamp.nullable(),
  /** That it ran, over all its runs, until now where it runs; null: it has not begun. */
  seconds: z.number().nullable(),
});
export type JobSummary = z.infer<typeof JobSummary>;

export const JobListItem = JobSummary.extend({
  experiment: object({ id: Id, name: Name }),
  workflow: object({ id: Id, name: Name }),
  progress: Progress.nullable(),
});
export type JobListItem = z.infer<typeof JobListItem>;

export const JobAttempt = object({
  number: z.int().min(1),
  submission_id: z.string(),
  submitted_at: Timestamp,
  ended_at: Timestamp.nullable(),
  /** `result`: its result was accepted. */
  outcome: z.enum(['result', 'died', 'unresponsive', 'stopped', 'refused']).nullable(),
  message: z.string().nullable(),
});
export type JobAttempt = z.infer<typeof JobAttempt>;

export const Job = JobListItem.extend({ attempts: z.array(JobAttempt), spec: JobSpec, stop_requested: z.boolean() });
export type Job = z.infer<typeof Job>;

/** A piece of a job's log, over all attempts; ask again from `next_offset` (bytes). */
export const JobLogInput = object({ id: Id, offset: Count.default(0) });
export const JobLog = object({ text: z.string(), next_offset: Count, over: z.boolean() });
export type JobLog = z.infer<typeof JobLog>;
