import { z } from 'zod';
import { Count, Id, Name, object, PageInput, Timestamp } from './common.ts';
import { JobKind, JobResult, JobSpec, Progress } from './job-files.ts';
import { Sample } from './sample.ts';

export const JobStatus = z.enum(['created', 'pending', 'running', 'succeeded', 'failed', 'stopped']);
export type JobStatus = z.infer<typeof JobStatus>;

/**
 * Seconds that a job may work: the time of all its attempts since a person started or resumed it, without that in which it waits for
 * room. Then it is stopped, what is done is kept, and it may be resumed.
 */
export const TimeLimit = z
  .int()
  .min(1)
  .max(365 * 24 * 3600);

/** A new dataset: the columns of the one that was run over, and the answers, blank where there is none. */
export const StoreToDataset = object({
  name: Name,
  output_column: z.string().trim().min(1).max(200).default('prediction'),
  /** The answers go into the blank cells of that column and nowhere else, and all rows are kept, whether they ran or not. */
  fills_blanks: z.boolean().default(false),
});
export type StoreToDataset = z.infer<typeof StoreToDataset>;

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
  /** What the person called it; in an experiment, the workflow's name. */
  name: Name,
  /** Null: it is in none. */
  experiment: object({ id: Id, name: Name }).nullable(),
  workflow: object({ id: Id, name: Name }).nullable(),
  dataset: object({ id: Id, name: Name, version: z.int().min(1) }),
  progress: Progress.nullable(),
});
export type JobListItem = z.infer<typeof JobListItem>;

export const JobListInput = PageInput.extend({
  experiment_id: Id.optional(),
  /** False: only those that are in none. */
  in_experiment: z.boolean().optional(),
  /** Whether nothing more happens to it by itself: false leaves those that run or wait. */
  is_over: z.boolean().optional(),
  kind: JobKind.optional(),
  status: JobStatus.optional(),
  /** Part of the job's, the workflow's or the experiment's name. */
  search: z.string().max(200).default(''),
});

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

export const Job = JobListItem.extend({
  attempts: z.array(JobAttempt),
  spec: JobSpec,
  /** Of the accepted attempt; null: none yet. */
  result: JobResult.nullable(),
  stop_requested: z.boolean(),
  time_limit_s: TimeLimit.nullable(),
  /** Whether resuming it, on its own, would run something: rows that have not run, rows that failed. */
  resumable: object({ not_run: z.boolean(), failed: z.boolean() }),
  /** The evaluations that a comparison alone is of; not those that were deleted. */
  compared: z.array(object({ id: Id, name: Name })),
  /** The experiment's, where it is in one. */
  sample: Sample,
  /** What its answers become when it has succeeded. */
  store_to_dataset: StoreToDataset.nullable(),
  /** Why they cannot become one. */
  store_problem: z.string().nullable(),
  /** The dataset that they became; null also where it was deleted. */
  stored_dataset: object({ id: Id, name: Name }).nullable(),
  /** Its record; null: not there yet, or with its experiment's. */
  mlflow_url: z.string().nullable(),
});
export type Job = z.infer<typeof Job>;

/** A piece of a job's log, over all attempts; ask again from `next_offset` (bytes). */
export const JobLogInput = object({ id: Id, offset: Count.default(0) });
export const JobLog = object({ text: z.string(), next_offset: Count, over: z.boolean() });
export type JobLog = z.infer<typeof JobLog>;
