import { randomUUID } from 'node:crypto';
import {
  type ExperimentRecord,
  findExperiment,
  listExperiments as findExperiments,
  insertJobs,
  insertOutboxEvents,
  lockExperiment,
  markExperimentDeleted,
  reopenJob,
  requestStop,
  setExperimentStop,
  supersedeJob,
} from '@touchstone/db';
import type {
  Experiment,
  ExperimentDelete,
  ExperimentResume,
  ExperimentSummary,
  InferenceSpec,
} from '@touchstone/schemas';
import type { z } from 'zod';
import type { Ctx } from '../context.ts';
import { AppError, notFound } from '../errors.ts';
import { evaluationSpec } from '../jobs/spec.ts';
import { cutPage, readCursor } from '../paging.ts';
import { claimOnce } from '../requests.ts';
import { isRunOver } from './run-status.ts';
import { settleExperiment } from './settle.ts';
import { countRows, currentJobs, toExperiment, toExperimentSummary } from './view.ts';

/** @throws AppError NOT_FOUND */
export async function getExperimentRecord(ctx: Pick<Ctx, 'db'>, id: string): Promise<ExperimentRecord> {
  const row = await findExperiment(ctx.db, id);
  if (!row) throw notFound('experiment', id);
  return row;
}

export async function getExperiment(ctx: Ctx, id: string): Promise<Experiment> {
  return toExperiment(await getExperimentRecord(ctx, id));
}

export async function listExperiments(
  ctx: Ctx,
  { cursor, limit, search }: { cursor?: string | null | undefined; limit: number; search: string },
): Promise<{ items: ExperimentSummary[]; next_cursor: string | null }> {
  const found = await findExperiments(ctx.db, { search, after: readCursor(cursor), limit: limit + 1 });
  const { items, next_cursor } = cutPage(found, limit);
  return { items: items.map(toExperimentSummary), next_cursor };
}

/** Ends what runs and keeps what is done. Stopping what is over changes nothing. */
export async function stopExperiment(ctx: Ctx, id: string): Promise<Experiment> {
  await ctx.db.$transaction(async (tx) => {
    await lockExperiment(tx, id);
    const experiment = await getExperimentRecord({ db: tx as Ctx['db'] }, id);
    if (isRunOver(experiment.status)) return;
    await setExperimentStop(tx, id, new Date());
    await requestStop(tx, { experiment_id: id });
  });
  return getExperiment(ctx, id);
}

/** Runs what has not run (and, if asked, what failed) of an experiment that is over; answers stay as they are. */
export async function resumeExperiment(ctx: Ctx, input: z.output<typeof ExperimentResume>): Promise<Experiment> {
  await ctx.db.$transaction(async (tx) => {
    const first = await claimOnce(tx, {
      user_id: ctx.user.id,
      procedure: 'experiments.resume',
      input,
      result_id: input.id,
    });
    if (first !== null) return;
    await lockExperiment(tx, input.id);
    const experiment = await getExperimentRecord({ db: tx as Ctx['db'] }, input.id);
    if (!isRunOver(experiment.status))
      throw new AppError('CONFLICT', 'The experiment still runs: stop it first, or wait until it is over.');
    let reopened = 0;
    for (const workflow of experiment.workflows) {
      const { inference, evaluation } = currentJobs(workflow);
      const rows = countRows({ inference, evaluation }, experiment.sample.rows);
      const hasRowsLeft = rows.not_run > 0 || (input.what === 'failed' && rows.failed > 0);
      const isScored = evaluation?.status === 'succeeded' || rows.answered === 0;
      if (!hasRowsLeft && isScored) continue;
      reopened += 1;
      if (evaluation) await supersedeJob(tx, evaluation.id);
      if (hasRowsLeft) {
        await reopenJob(
          tx,
          inference.id,
          input.what === 'failed' ? inference.attempt + 1 : inference.retry_failed_before,
        );
      } else {
        const id = randomUUID();
        const rowsFile = inference.result?.rows_file;
        const spec = evaluationSpec(
          inference.spec as InferenceSpec,
          id,
          experiment.metrics,
          rowsFile ? { key: rowsFile.key, sha256: rowsFile.sha256 } : null,
        );
        await insertJobs(tx, [
          { id, experiment_id: experiment.id, workflow_id: workflow.id, kind: 'evaluation', spec },
        ]);
      }
    }
    if (reopened === 0) {
      throw new AppError(
        'INVALID',
        input.what === 'failed'
          ? 'No row failed or is left to run.'
          : 'Every row has run. Rows that failed run again with "Retry failed".',
      );
    }
    await setExperimentStop(tx, input.id, null);
    await settleExperiment(tx, input.id);
  });
  return getExperiment(ctx, input.id);
}

/** Hides it at once; its jobs end, then files and MLflow records go. @throws AppError CONFLICT while it runs, unless forced. */
export async function removeExperiment(
  ctx: Ctx,
  { id, force }: z.output<typeof ExperimentDelete>,
): Promise<{ id: string }> {
  await ctx.db.$transaction(async (tx) => {
    await lockExperiment(tx, id);
    const experiment = await getExperimentRecord({ db: tx as Ctx['db'] }, id);
    if (!isRunOver(experiment.status) && !force) {
      throw new AppError('CONFLICT', `"${experiment.name}" still runs: stop it first, or delete it with force.`);
    }
    await requestStop(tx, { experiment_id: id });
    await markExperimentDeleted(tx, id);
    await insertOutboxEvents(tx, id, [{ type: 'experiment_deleted' }]);
  });
  return { id };
}
