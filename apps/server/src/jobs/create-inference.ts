import { type InferenceCreate, type Job, taskPreset } from '@touchstone/schemas';
import type { z } from 'zod';
import type { Ctx } from '../context.ts';
import { getDatasetRecord } from '../datasets/service.ts';
import { AppError } from '../errors.ts';
import { resolveModels } from '../experiments/resolve.ts';
import { checkColumns } from '../experiments/rules.ts';
import { createStandaloneJob, drawRows } from './create-standalone.ts';
import { inferenceSpec } from './spec.ts';

/** One model over a dataset, without an experiment. */
export async function createInference(ctx: Ctx, input: z.output<typeof InferenceCreate>): Promise<Job> {
  const dataset = await getDatasetRecord(ctx, input.dataset_id);
  const { input_column, task, store_to_dataset } = input;
  const model = (await resolveModels(ctx, [input.model]))[0]!;
  const prompt = input.prompt ?? taskPreset(task, input_column).prompt;
  const system_prompt = input.system_prompt ?? null;
  const columns = dataset.columns.map((column) => column.name);
  checkColumns(columns, { input_column, reference_column: null, prompt, system_prompt, models: [model] });
  const output = store_to_dataset?.output_column.toLowerCase();
  if (columns.some((column) => column.toLowerCase() === output)) {
    throw new AppError(
      'INVALID',
      `The dataset has a column "${store_to_dataset!.output_column}" already: give the answers another output_column.`,
    );
  }
  return createStandaloneJob(ctx, {
    procedure: 'jobs.create_inference',
    input,
    dataset,
    writeSample: (key) =>
      drawRows(ctx, key, {
        dataset,
        input_column,
        reference_column: null,
        rows: input.rows ?? null,
        seed: input.seed,
      }),
    make: (base) => ({
      kind: 'inference',
      spec: inferenceSpec({ ...base, task, input_column, reference_column: null }, model, {
        prompt,
        system_prompt,
        repeats: 1,
      }),
      model,
      store_to_dataset: store_to_dataset && { ...store_to_dataset, fills_blanks: false },
    }),
  });
}
