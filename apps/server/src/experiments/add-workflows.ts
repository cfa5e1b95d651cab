import {
  beginRun,
  type ExperimentRecord,
  insertJobs,
  insertOutboxEvents,
  insertWorkflows,
  lockExperiment,
} from '@touchstone/db';
import { type Experiment, freeName, MAX_WORKFLOWS, type ModelSettings, type WorkflowsAdd } from '@touchstone/schemas';
import type { z } from 'zod';
import { checkBudget } from '../budgets/rules.ts';
import { settleBudget } from '../budgets/settle.ts';
import type { Ctx } from '../context.ts';
import { getDatasetRecord } from '../datasets/service.ts';
import { AppError } from '../errors.ts';
import { claimOnce } from '../requests.ts';
import { workflowEvents } from '../tracking/events.ts';
import { inferenceJobs, toWorkflows } from './create.ts';
import { resolveModels } from './resolve.ts';
import { checkColumns, nameWorkflows } from './rules.ts';
import { isRunOver } from './run-status.ts';
import { getExperiment, getExperimentRecord } from './service.ts';
import { settleExperiment } from './settle.ts';

/**
 * Runs more models on the rows of an experiment, with its prompt and metrics; what it has stays as it is. One that was over
 * runs again.
 * @throws AppError CONFLICT where a name is taken or the experiment is being stopped
 */
export async function addWorkflows(ctx: Ctx, input: z.output<typeof WorkflowsAdd>): Promise<Experiment> {
  const { id } = input;
  const models = await resolveModels(ctx, input.models);
  await ctx.db.$transaction(async (tx) => {
    const first = await claimOnce(tx, {
      user_id: ctx.user.id,
      procedure: 'experiments.add_workflows',
      input,
      result_id: id,
    });
    if (first !== null) return;
    await lockExperiment(tx, id);
    const experiment = await getExperimentRecord({ db: tx as Ctx['db'] }, id);
    if (!isRunOver(experiment.status) && experiment.stop_requested_at !== null) {
      throw new AppError('CONFLICT', 'The experiment is being stopped: add models when it is over.');
    }
    const names = nameAdded(experiment, models);
    checkBudget(experiment.budget, models);
    const dataset = await getDatasetRecord({ db: tx as Ctx['db'] }, experiment.dataset_id);
    checkColumns(
      dataset.columns.map((column) => column.name),
      { ...experiment, models },
    );
    const next = Math.max(...experiment.workflows.map(({ position }) => position)) + 1;
    const workflows = toWorkflows(models, names, next);
    await insertWorkflows(tx, id, workflows);
    await insertJobs(tx, inferenceJobs(experiment, dataset, workflows));
    await insertOutboxEvents(tx, id, workflowEvents(experiment, dataset.name, workflows));
    if (isRunOver(experiment.status)) await beginRun(tx, id, []);
    await settleBudget(tx, id);
    await settleExperiment(tx, id);
  });
  return getExperiment(ctx, id);
}

function nameAdded({ workflows }: ExperimentRecord, models: ModelSettings[]): string[] {
  if (workflows.length + models.length > MAX_WORKFLOWS) {
    throw new AppError(
      'INVALID',
      `An experiment holds ${MAX_WORKFLOWS} models; this one has ${workflows.length}: add at most ${MAX_WORKFLOWS - workflows.length}, or duplicate it.`,
    );
  }
  const there = workflows.map(({ name }) => name);
  const names = nameWorkflows(models, there);
  const taken = names.find((name) => there.includes(name));
  if (taken !== undefined) {
    const free = freeName(taken, new Set([...there, ...names]));
    throw new AppError('CONFLICT', `The experiment has a model named "${taken}" already: name this one "${free}".`);
  }
  return names;
}
