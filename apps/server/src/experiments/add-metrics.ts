import { addExperimentMetrics, type ExperimentRecord, lockExperiment } from '@touchstone/db';
import {
  type Experiment,
  METRIC_GROUPS,
  type MetricRef,
  type MetricSettings,
  type MetricsAdd,
} from '@touchstone/schemas';
import type { z } from 'zod';
import { checkBudget } from '../budgets/rules.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { judgeModels, resolveJudges } from '../judges/resolve.ts';
import { claimOnce } from '../requests.ts';
import { scoreAnswers } from './evaluations.ts';
import { checkMetrics } from './rules.ts';
import { isRunOver } from './run-status.ts';
import { getExperiment, getExperimentRecord } from './service.ts';

/**
 * Scores the answers of an experiment that is over by more metrics, and compares the models anew. No model is called; the scores that are
 * there stay as they are.
 * @throws AppError CONFLICT while it runs; INVALID where a metric is in it already or lacks a reference, or nothing was answered
 */
export async function addMetrics(ctx: Ctx, input: z.output<typeof MetricsAdd>): Promise<Experiment> {
  const { id } = input;
  const before = await getExperimentRecord(ctx, id);
  const asked = await resolveJudges(ctx, checkAdded(before, input.metrics));
  await ctx.db.$transaction(async (tx) => {
    const request = { user_id: ctx.user.id, procedure: 'experiments.add_metrics', input, result_id: id };
    if ((await claimOnce(tx, request)) !== null) return;
    await lockExperiment(tx, id);
    const experiment = await getExperimentRecord({ db: tx as Ctx['db'] }, id);
    if (!isRunOver(experiment.status)) {
      throw new AppError('CONFLICT', 'The experiment still runs: add metrics when it is over.');
    }
    const names = checkAdded(experiment, input.metrics).map(({ name }) => name);
    const metrics = asked.filter(({ name }) => names.includes(name));
    checkBudget(experiment.budget, judgeModels(metrics));
    await addExperimentMetrics(tx, id, metrics);
    await scoreAnswers(tx, experiment, metrics);
  });
  return getExperiment(ctx, id);
}

/** What is asked for and not in the experiment yet; a group stands for those of its metrics that are not. @throws AppError INVALID */
function checkAdded(
  { metrics: known, reference_column }: ExperimentRecord,
  refs: readonly MetricRef[],
): MetricSettings[] {
  const asked = checkMetrics(refs, { reference: reference_column !== null, input: true });
  // Upper and lower case are one: DuckDB's columns are.
  const names = new Set(known.map(({ name }) => name.toLowerCase()));
  const isKnown = ({ name }: MetricSettings) => names.has(name.toLowerCase());
  const added = asked.filter((metric) => !isKnown(metric));
  const grouped = new Set<string>(refs.flatMap((ref) => METRIC_GROUPS[ref as keyof typeof METRIC_GROUPS] ?? []));
  const twice = asked.filter((metric) => isKnown(metric) && (added.length === 0 || !grouped.has(metric.name)));
  if (twice.length > 0) {
    throw new AppError('INVALID', `The experiment has ${twice.map(({ name }) => name).join(', ')} already.`);
  }
  return added;
}
