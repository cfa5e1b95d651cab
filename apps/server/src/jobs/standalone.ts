/** What a person does to a job that is in no experiment: elsewhere it is done to the experiment. */
import {
  findComparisonUnderWay,
  forgetStoredDataset,
  insertOutboxEvents,
  lockJob,
  markStandaloneJobDeleted,
  reopenJob,
  requestStop,
} from '@touchstone/db';
import type { Job, JobRemove, JobResume } from '@touchstone/schemas';
import type { z } from 'zod';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { claimOnce } from '../requests.ts';
import { lockEvaluations } from './create-comparison.ts';
import { getJob, getJobRecord, whatIsLeft } from './service.ts';

/** Runs what has not run (and, if asked, what failed) of a job that is over; answers stay as they are. */
export async function resumeJob(ctx: Ctx, input: z.output<typeof JobResume>): Promise<Job> {
  const { id, what } = input;
  await ctx.db.$transaction(async (tx) => {
    const first = await claimOnce(tx, { user_id: ctx.user.id, procedure: 'jobs.resume', input, result_id: id });
    if (first !== null) return;
    await lockJob(tx, id);
    const job = await getJobRecord({ db: tx as Ctx['db'] }, id);
    if (job.experiment) throw belongsTo(job.experiment, 'resume');
    if (job.finished_at === null)
      throw new AppError('CONFLICT', 'The job still runs: stop it first, or wait until it is over.');
    const left = whatIsLeft(job);
    if (!left.not_run && !(what === 'failed' && left.failed)) {
      throw new AppError(
        'INVALID',
        what === 'failed'
          ? 'No row failed or is left to run.'
          : 'Every row has run. Rows that failed run again with "Retry failed".',
      );
    }
    if (job.spec.kind === 'comparison')
      await lockEvaluations(
        tx,
        job.spec.workflows.map((one) => one.workflow_id),
      );
    await reopenJob(tx, id, {
      retry_failed_before: what === 'failed' ? job.attempt + 1 : job.retry_failed_before,
      time_limit_s: input.time_limit_s === undefined ? job.time_limit_s : input.time_limit_s,
    });
    await forgetStoredDataset(tx, id);
  });
  return getJob(ctx, id);
}

/** Hides it at once; it ends, then its files and its MLflow record go. @throws AppError CONFLICT while it runs, unless forced, and while it is being compared. */
export async function removeJob(ctx: Ctx, { id, force }: z.output<typeof JobRemove>): Promise<{ id: string }> {
  await ctx.db.$transaction(async (tx) => {
    await lockJob(tx, id);
    const job = await getJobRecord({ db: tx as Ctx['db'] }, id);
    if (job.experiment) throw belongsTo(job.experiment, 'delete');
    if (job.finished_at === null && !force) {
      throw new AppError('CONFLICT', `"${job.standalone.name}" still runs: stop it first, or delete it with force.`);
    }
    const comparison = await findComparisonUnderWay(tx, id);
    if (comparison !== null) {
      throw new AppError(
        'CONFLICT',
        `"${job.standalone.name}" is being compared by "${comparison}": wait until that is over, or stop it, then delete this.`,
      );
    }
    await requestStop(tx, { job_id: id });
    await markStandaloneJobDeleted(tx, id);
    await insertOutboxEvents(tx, id, [{ type: 'experiment_deleted' }]);
  });
  return { id };
}

const belongsTo = (experiment: { name: string }, verb: string) =>
  new AppError('INVALID', `The job belongs to the experiment "${experiment.name}": ${verb} that.`);
