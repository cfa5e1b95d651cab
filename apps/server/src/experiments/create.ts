import { randomUUID } from 'node:crypto';
import {
  type DatasetRecord,
  type ExperimentRecord,
  insertExperiment,
  insertJobs,
  insertOutboxEvents,
  insertWorkflows,
  lockDataset,
  type NewJob,
  type NewWorkflow,
} from '@touchstone/db';
import {
  describeMetric,
  type Experiment,
  type ExperimentCreate,
  type ExperimentPlan,
  taskPreset,
} from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { z } from 'zod';
import { checkBudget } from '../budgets/rules.ts';
import { settleBudget } from '../budgets/settle.ts';
import type { Ctx } from '../context.ts';
import { getDatasetRecord } from '../datasets/service.ts';
import { inferenceSpec } from '../jobs/spec.ts';
import { judgeModels, resolveJudges } from '../judges/resolve.ts';
import { claimOnce } from '../requests.ts';
import { experimentEvents } from '../tracking/events.ts';
import { resolveModels } from './resolve.ts';
import { checkColumns, chooseMetrics, nameWorkflows } from './rules.ts';
import { checkGroups, checkSample, drawSample, type SampleRequest } from './sample.ts';
import { getExperiment } from './service.ts';
import { repeatsOf } from './view.ts';

/** What is asked for, with everything filled in and checked. @throws AppError where it could not run */
export async function prepareExperiment(ctx: Ctx, input: z.output<typeof ExperimentPlan>) {
  const dataset = await getDatasetRecord(ctx, input.dataset_id);
  const preset = taskPreset(input.task, input.input_column);
  const prompt = input.prompt ?? preset.prompt;
  const system_prompt = input.system_prompt ?? null;
  const { input_column, reference_column, group_column, seed } = input;
  const models = await resolveModels(ctx, input.models);
  checkColumns(
    dataset.columns.map((column) => column.name),
    { input_column, reference_column, group_column, prompt, system_prompt, models },
  );
  const { metrics: asked, primary_metric } = chooseMetrics(
    input.metrics,
    reference_column !== null,
    input.primary_metric,
    preset.primary_metric,
  );
  const chosen = { metrics: await resolveJudges(ctx, asked), primary_metric };
  const names = nameWorkflows(models);
  checkBudget(input.budget, [...models, ...judgeModels(chosen.metrics)]);
  const needsReference = chosen.metrics.some((metric) => describeMetric(metric).needs_reference);
  const request: SampleRequest = {
    dataset,
    input_column,
    reference_column: needsReference ? reference_column : null,
    group_column,
    rows: input.rows ?? null,
    seed,
  };
  await checkGroups(ctx, request);
  return { dataset, prompt, system_prompt, models, names, chosen, request };
}

/** Draws the sample, then makes the experiment, its workflows and their inference jobs in one transaction. */
export async function createExperiment(ctx: Ctx, input: z.output<typeof ExperimentCreate>): Promise<Experiment> {
  const { dataset, prompt, system_prompt, models, names, chosen, request } = await prepareExperiment(ctx, input);
  const id = randomUUID();
  const sample = await drawSample(ctx, keys.experimentSample(id), request);
  const made = await ctx.db
    .$transaction(async (tx) => {
      const first = await claimOnce(tx, {
        user_id: ctx.user.id,
        procedure: 'experiments.create',
        input,
        result_id: id,
      });
      if (first !== null) return first;
      checkSample(sample, request);
      await lockDataset(tx, dataset.id);
      await getDatasetRecord({ db: tx as Ctx['db'] }, dataset.id);
      const experiment = {
        id,
        name: input.name,
        description: input.description,
        dataset_id: dataset.id,
        input_column: input.input_column,
        reference_column: input.reference_column,
        group_column: input.group_column,
        task: input.task,
        prompt,
        system_prompt,
        seed: input.seed,
        repeats: input.repeats,
        ...(input.budget && { budget: input.budget }),
        ...(input.recommend && { recommend: input.recommend }),
        sample,
        time_limit_s: input.time_limit_s ?? null,
        ...chosen,
      };
      const workflows = toWorkflows(models, names);
      await insertExperiment(tx, experiment);
      await insertWorkflows(tx, id, workflows);
      await insertJobs(tx, inferenceJobs(experiment, dataset, workflows));
      await settleBudget(tx, id);
      await insertOutboxEvents(tx, id, experimentEvents(experiment, dataset.name, workflows));
      return id;
    })
    .catch(async (error) => {
      await ctx.storage.removePrefix(keys.experimentPrefix(id));
      throw error;
    });
  if (made !== id) await ctx.storage.removePrefix(keys.experimentPrefix(id));
  return getExperiment(ctx, made);
}

/** The workflows of these models, in their order; `first` is the position of the first. */
export function toWorkflows(models: NewWorkflow['model'][], names: string[], first = 0): NewWorkflow[] {
  return models.map((model, i) => ({ id: randomUUID(), name: names[i]!, position: first + i, model }));
}

/** What each workflow begins with: its model over the experiment's rows. */
export function inferenceJobs(
  experiment: Pick<
    ExperimentRecord,
    | 'id'
    | 'sample'
    | 'repeats'
    | 'task'
    | 'input_column'
    | 'reference_column'
    | 'group_column'
    | 'prompt'
    | 'system_prompt'
    | 'time_limit_s'
  >,
  dataset: Pick<DatasetRecord, 'id' | 'data_sha256'>,
  workflows: NewWorkflow[],
): NewJob[] {
  const { id: experiment_id, task, input_column, reference_column, group_column, time_limit_s } = experiment;
  const common = {
    experiment_id,
    data: { key: keys.datasetData(dataset.id), sha256: dataset.data_sha256 },
    sample: { key: keys.experimentSample(experiment_id), sha256: experiment.sample.sha256 },
    task,
    input_column,
    reference_column,
    group_column,
  };
  return workflows.map(({ id: workflow_id, model }) => {
    const id = randomUUID();
    const spec = inferenceSpec({ job_id: id, workflow_id, ...common }, model, {
      ...experiment,
      repeats: repeatsOf(experiment, { model }),
    });
    return { id, experiment_id, workflow_id, kind: 'inference', spec, time_limit_s };
  });
}
