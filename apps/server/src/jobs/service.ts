import {
  type AttemptRecord,
  findDataset,
  findJob,
  listJobs as findJobs,
  findStandaloneNames,
  type ListedJobRecord,
  requestStop,
} from '@touchstone/db';
import type { Job, JobAttempt, JobListInput, JobListItem } from '@touchstone/schemas';
import { experimentUrl } from '@touchstone/tracking';
import type { z } from 'zod';
import type { Ctx } from '../context.ts';
import { AppError, notFound } from '../errors.ts';
import { toJobSummary } from '../experiments/view.ts';
import { cutPage, readCursor } from '../paging.ts';
import { explainUnknownSpec } from './spec.ts';

type Found = NonNullable<Awaited<ReturnType<typeof findJob>>>;

function toListItem(job: ListedJobRecord): JobListItem {
  const { experiment, workflow, standalone, progress } = job;
  return {
    ...toJobSummary(job),
    name: workflow?.name ?? (experiment ?? standalone)!.name,
    experiment: experiment && { id: experiment.id, name: experiment.name },
    workflow: workflow && { id: workflow.id, name: workflow.name },
    dataset: (experiment ?? standalone)!.dataset,
    progress,
  };
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

/** What resuming a job alone would run; nothing while it is not over. */
export function whatIsLeft({ finished_at, standalone, result, progress }: Found): Job['resumable'] {
  if (finished_at === null || !standalone) return { not_run: false, failed: false };
  if (result?.kind === 'inference') {
    const { not_run, failed } = result.outcome.rows;
    return { not_run: not_run > 0, failed: failed > 0 };
  }
  return { not_run: result === null, failed: result === null && (progress?.rows.failed ?? 0) > 0 };
}

/** @throws AppError NOT_FOUND */
export async function getJobRecord(ctx: Pick<Ctx, 'db'>, id: string): Promise<Found> {
  const job = await findJob(ctx.db, id);
  if (!job) throw notFound('job', id);
  return job;
}

/** @throws AppError CONFLICT where this version does not know its spec */
export async function getKnownJobRecord(ctx: Pick<Ctx, 'db'>, id: string): Promise<Found> {
  const job = await getJobRecord(ctx, id);
  const unknown = explainUnknownSpec(job.spec);
  if (unknown) throw new AppError('CONFLICT', unknown);
  return job;
}

export async function getJob(ctx: Ctx, id: string): Promise<Job> {
  const job = await getKnownJobRecord(ctx, id);
  const { standalone, spec, result, time_limit_s } = job;
  const stored = standalone?.stored_dataset_id ? await findDataset(ctx.db, standalone.stored_dataset_id) : null;
  const isAlone = standalone && spec.kind === 'comparison';
  const compared = isAlone ? spec.workflows.map(({ workflow_id }) => workflow_id) : [];
  return {
    ...toListItem(job),
    attempts: job.attempts.map(toAttempt),
    spec,
    result,
    stop_requested: job.stop_requested_at !== null,
    time_limit_s,
    resumable: whatIsLeft(job),
    compared: compared.length > 0 ? await findStandaloneNames(ctx.db, compared) : [],
    sample: (job.experiment ?? standalone)!.sample,
    store_to_dataset: standalone?.store_to_dataset ?? null,
    store_problem: standalone?.store_problem ?? null,
    stored_dataset: stored && { id: stored.id, name: stored.name },
    mlflow_url: standalone?.mlflow_id ? `/mlflow${experimentUrl(standalone.mlflow_id)}` : null,
  };
}

export async function listJobs(
  ctx: Ctx,
  { cursor, limit, ...filter }: z.output<typeof JobListInput>,
): Promise<{ items: JobListItem[]; next_cursor: string | null }> {
  return ctx.share_read(`jobs.list ${JSON.stringify({ cursor, limit, ...filter })}`, async () => {
    const found = await findJobs(ctx.db, { ...filter, after: readCursor(cursor), limit: limit + 1 });
    const { items, next_cursor } = cutPage(found, limit);
    return { items: items.map(toListItem), next_cursor };
  });
}

/** Ends it and keeps what is done. Stopping what is over changes nothing. */
export async function stopJob(ctx: Ctx, id: string): Promise<Job> {
  await getKnownJobRecord(ctx, id);
  await requestStop(ctx.db, { job_id: id });
  return getJob(ctx, id);
}
