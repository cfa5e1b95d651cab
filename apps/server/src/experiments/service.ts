import {
  beginRun,
  updateExperiment as changeExperiment,
  type Db,
  type ExperimentRecord,
  countExperiments as findCounts,
  findExperiment,
  listExperiments as findExperiments,
  findJob,
  findJobSpec,
  findNamesInUse,
  insertOutboxEvents,
  lockExperiment,
  markExperimentDeleted,
  markExperimentStopping,
  reopenJob,
  requestStop,
  setTimeLimit,
  supersedeJob,
  type WorkflowJobRecord,
} from '@touchstone/db';
import {
  type EvaluationResult,
  type EvaluationSpec,
  type Experiment,
  type ExperimentCounts,
  type ExperimentCountsInput,
  type ExperimentDelete,
  type ExperimentListInput,
  type ExperimentResume,
  type ExperimentSummary,
  type ExperimentUpdate,
  freeName,
  type InferenceSpec,
  type MetricSettings,
  MOST_COUNTED,
  type NameSuggestion,
} from '@touchstone/schemas';
import type { z } from 'zod';
import { checkBudget, checkRaised } from '../budgets/rules.ts';
import { settleBudget, settleConfirmation } from '../budgets/settle.ts';
import { verdictTags } from '../comparisons/record.ts';
import type { Ctx } from '../context.ts';
import { AppError, notFound } from '../errors.ts';
import { judgeModels } from '../judges/resolve.ts';
import { cutPage, readCursor } from '../paging.ts';
import { claimOnce } from '../requests.ts';
import { experimentEvent } from '../tracking/events.ts';
import { insertEvaluations } from './evaluations.ts';
import { isRunOver } from './run-status.ts';
import { settleExperiment } from './settle.ts';
import {
  answersOf,
  countRows,
  currentJobs,
  findAnswers,
  findScores,
  toExperiment,
  toExperimentSummary,
} from './view.ts';

/** @throws AppError NOT_FOUND */
export async function getExperimentRecord(ctx: Pick<Ctx, 'db'>, id: string): Promise<ExperimentRecord> {
  const row = await findExperiment(ctx.db, id);
  if (!row) throw notFound('experiment', id);
  return row;
}

export async function getExperiment(ctx: Ctx, id: string): Promise<Experiment> {
  return ctx.share_read(`experiments.get ${id}`, async () => toExperiment(await getExperimentRecord(ctx, id)));
}

export async function listExperiments(
  ctx: Ctx,
  { cursor, limit, ...filter }: ExperimentListInput,
): Promise<{ items: ExperimentSummary[]; next_cursor: string | null }> {
  return ctx.share_read(`experiments.list ${JSON.stringify({ cursor, limit, ...filter })}`, async () => {
    const found = await findExperiments(ctx.db, { ...filter, after: readCursor(cursor), limit: limit + 1 });
    const { items, next_cursor } = cutPage(found, limit);
    return { items: items.map(toExperimentSummary), next_cursor };
  });
}

export async function countExperiments(ctx: Ctx, filter: ExperimentCountsInput): Promise<ExperimentCounts> {
  return ctx.share_read(`experiments.counts ${JSON.stringify(filter)}`, () =>
    findCounts(ctx.db, filter, MOST_COUNTED + 1),
  );
}

/** How many numbers behind a name are tried. */
const MOST_OF_ONE_NAME = 200;

export async function suggestName(ctx: Ctx, name: string): Promise<NameSuggestion> {
  const numbers = Array.from({ length: MOST_OF_ONE_NAME }, (_, i) => `${name} ${i + 2}`);
  const taken = await findNamesInUse(ctx.db, [name, ...numbers]);
  return { name: freeName(name, taken), in_use: taken.has(name) };
}

/** Names what it is called from now on, here and in MLflow; what it may spend and the rule hold at once, also for what runs. */
export async function updateExperiment(ctx: Ctx, { id, ...change }: ExperimentUpdate): Promise<Experiment> {
  await ctx.db.$transaction(async (tx) => {
    await lockExperiment(tx, id);
    const experiment = await getExperimentRecord({ db: tx as Ctx['db'] }, id);
    const { budget } = change;
    if (budget !== undefined) {
      checkBudget(budget, [...experiment.workflows.map(({ model }) => model), ...judgeModels(experiment.metrics)]);
      if (!isRunOver(experiment.status)) checkRaised(experiment.budget, budget);
    }
    await changeExperiment(tx, id, change);
    if (budget !== undefined) {
      await settleBudget(tx, id);
      await settleConfirmation(tx, id);
    }
    if (change.recommend !== undefined) await recordVerdict(tx, id);
    const { name = experiment.name } = change;
    if (name !== experiment.name) {
      await insertOutboxEvents(tx, id, [experimentEvent({ id, name }, experiment.dataset.name)]);
    }
  });
  return getExperiment(ctx, id);
}

/** Tells MLflow what the comparison, where there is one, comes to by the rule as it is now. */
async function recordVerdict(tx: Db, id: string): Promise<void> {
  const experiment = await getExperimentRecord({ db: tx as Ctx['db'] }, id);
  const [job] = experiment.jobs;
  const result = job?.status === 'succeeded' ? (await findJob(tx, job.id))?.result : null;
  if (result?.kind !== 'comparison') return;
  await insertOutboxEvents(tx, id, [{ type: 'verdict', job_id: job!.id, tags: verdictTags(experiment, result) }]);
}

/** Ends what runs and keeps what is done. Stopping what is over changes nothing. */
export async function stopExperiment(ctx: Ctx, id: string): Promise<Experiment> {
  await ctx.db.$transaction(async (tx) => {
    await lockExperiment(tx, id);
    const experiment = await getExperimentRecord({ db: tx as Ctx['db'] }, id);
    if (isRunOver(experiment.status)) return;
    await markExperimentStopping(tx, id);
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
    const time_limit_s = input.time_limit_s === undefined ? experiment.time_limit_s : input.time_limit_s;
    const reopened: string[] = [];
    for (const workflow of experiment.workflows) {
      const jobs = currentJobs(workflow);
      const { inference, evaluations } = jobs;
      const rows = countRows(jobs, answersOf(experiment, workflow));
      const hasRowsLeft = rows.not_run > 0 || (input.what === 'failed' && rows.failed > 0);
      const unsuccessful = evaluations.filter((job) => isLeft(job, input.what));
      const metrics = rows.answered > 0 ? await metricsLeft(tx, experiment, jobs, unsuccessful) : [];
      if (!hasRowsLeft && metrics.length === 0) continue;
      reopened.push(workflow.id);
      for (const { id, judge } of hasRowsLeft ? evaluations : unsuccessful) {
        // A judge's goes on later, with what it has judged.
        if (judge === null) await supersedeJob(tx, id);
      }
      if (hasRowsLeft) {
        await reopenJob(tx, inference.id, {
          retry_failed_before: input.what === 'failed' ? inference.attempt + 1 : inference.retry_failed_before,
          time_limit_s,
        });
      } else {
        const spec = (await findJobSpec(tx, inference.id)) as InferenceSpec;
        const retry_failed = input.what === 'failed';
        await insertEvaluations(tx, spec, { metrics, answers: findAnswers(jobs), time_limit_s, retry_failed });
      }
    }
    const [comparison] = experiment.jobs;
    const isCompared = !comparison || comparison.status === 'succeeded';
    // Settling makes another.
    if (!isCompared) await supersedeJob(tx, comparison.id);
    if (reopened.length === 0 && isCompared) {
      throw new AppError(
        'INVALID',
        input.what === 'failed'
          ? 'No row failed or is left to run.'
          : 'Every row has run. Rows that failed run again with "Retry failed".',
      );
    }
    await setTimeLimit(tx, input.id, time_limit_s);
    await beginRun(tx, input.id, reopened);
    await settleBudget(tx, input.id);
    await settleExperiment(tx, input.id);
  });
  return getExperiment(ctx, input.id);
}

/** The metrics that a workflow's answers were not scored by: no evaluation had them, or the last that was to have them did not succeed. */
async function metricsLeft(
  tx: Db,
  { metrics }: { metrics: MetricSettings[] },
  jobs: ReturnType<typeof currentJobs<WorkflowJobRecord>>,
  unsuccessful: WorkflowJobRecord[],
): Promise<MetricSettings[]> {
  const scored = findScores<EvaluationResult>(jobs);
  const specs = await Promise.all(unsuccessful.map(({ id }) => findJobSpec(tx, id)));
  const again = new Set(specs.flatMap((spec) => (spec as EvaluationSpec).metrics.map(({ name }) => name)));
  return metrics.filter(({ name }) => !scored.has(name) || again.has(name));
}

/** Whether an evaluation has something left: it did not succeed, or its judge was not asked about every answer. */
function isLeft({ status, result }: WorkflowJobRecord, what: ExperimentResume['what']): boolean {
  const judged = result?.kind === 'evaluation' ? result.judging?.outcome.rows : null;
  return status !== 'succeeded' || (judged ? judged.not_run > 0 || (what === 'failed' && judged.failed > 0) : false);
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
