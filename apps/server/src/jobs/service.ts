import { type AttemptRecord, findJob, listJobs as findJobs, type ListedJobRecord, requestStop } from '@touchstone/db';
import type { Job, JobAttempt, JobKind, JobListItem, JobStatus } from '@touchstone/schemas';
import type { Ctx } from '../context.ts';
import { AppError, notFound } from '../errors.ts';
import { toJobSummary } from '../experiments/view.ts';
import { cutPage, readCursor } from '../paging.ts';
import { explainUnknownSpec } from './spec.ts';

function toListItem(job: ListedJobRecord): JobListItem {
  const { experiment, workflow, progress } = job;
  return { ...toJobSummary(job), experiment, workflow, progress };
}

function toAttempt({ number, submission_id, submitted_at, ended_at, outcome, message }: AttemptRecord): JobAttempt {
  return {
    number,
    submission_id,
    submitted_at: submitted_at.toISOString(),
    ended_at: ended_at?.toISOString() ?? null,
    outcome,
    message,
  };
}

/** @throws AppError NOT_FOUND */
export async function getJob(ctx: Ctx, id: string): Promise<Job> {
  const job = await findJob(ctx.db, id);
  if (!job) throw notFound('job', id);
  const unknown = explainUnknownSpec(job.spec);
  if (unknown) throw new AppError('CONFLICT', unknown);
  return {
    ...toListItem(job),
    attempts: job.attempts.map(toAttempt),
    spec: job.spec,
    stop_requested: job.stop_requested_at !== null,
  };
}

export async function listJobs(
  ctx: Ctx,
  input: {
    cursor?: string | null | undefined;
    limit: number;
    experiment_id?: string | undefined;
    kind?: JobKind | undefined;
    status?: JobStatus | undefined;
  },
): Promise<{ items: JobListItem[]; next_cursor: string | null }> {
  const { cursor, limit, ...filter } = input;
  const found = await findJobs(ctx.db, { ...filter, after: readCursor(cursor), limit: limit + 1 });
  const { items, next_cursor } = cutPage(found, limit);
  return { items: items.map(toListItem), next_cursor };
}

/** Ends it and keeps what is done. Stopping what is over changes nothing. */
export async function stopJob(ctx: Ctx, id: string): Promise<Job> {
  await getJob(ctx, id);
  await requestStop(ctx.db, { job_id: id });
  return getJob(ctx, id);
}
