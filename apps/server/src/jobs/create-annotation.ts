import { type AnnotationCreate, DEFAULT_ANNOTATOR, type Job, taskPreset } from '@touchstone/schemas';
import type { z } from 'zod';
import type { Ctx } from '../context.ts';
import { getDatasetRecord } from '../datasets/service.ts';
import { AppError } from '../errors.ts';
import { resolveModels } from '../experiments/resolve.ts';
import { checkColumns } from '../experiments/rules.ts';
import { createStandaloneJob, drawRows } from './create-standalone.ts';
import { inferenceSpec } from './spec.ts';

/**
 * An inference over the rows whose reference is blank; its answers fill them, in a new dataset.
 * @throws AppError INVALID where nothing is blank
 */
export async function createAnnotation(ctx: Ctx, input: z.output<typeof AnnotationCreate>): Promise<Job> {
  const dataset = await getDatasetRecord(ctx, input.dataset_id);
  const { input_column, reference_column, task } = input;
  const names = dataset.columns.map((column) => column.name);
  if (task !== 'summarization' && input.model.model === DEFAULT_ANNOTATOR) {
    throw new AppError('INVALID', `${DEFAULT_ANNOTATOR} writes summaries: choose a model for this task.`);
  }
  const column = dataset.columns.find(({ name }) => name === reference_column);
  if (input_column === reference_column) throw new AppError('INVALID', 'Input and reference are the same column.');
  if (column?.blank === 0) {
    throw new AppError('INVALID', `No row has a blank "${reference_column}": there is nothing to write.`);
  }
  const model = (await resolveModels(ctx, [input.model]))[0]!;
  const prompt = input.prompt ?? taskPreset(task, input_column).prompt;
  const system_prompt = input.system_prompt ?? null;
  checkColumns(names, { input_column, reference_column: null, prompt, system_prompt, models: [model] });
  const name = input.name ?? `References for ${dataset.name}`.slice(0, 200);
  const request = { dataset, input_column, reference_column: null, rows: input.rows ?? null, seed: input.seed };
  return createStandaloneJob(ctx, {
    procedure: 'jobs.create_annotation',
    input: { ...input, name },
    dataset,
    writeSample: (key) => drawRows(ctx, key, { ...request, ...(column && { blank_column: reference_column }) }),
    make: (base) => ({
      kind: 'annotation',
      spec: inferenceSpec({ ...base, task, input_column, reference_column: null }, model, {
        prompt,
        system_prompt,
        repeats: 1,
      }),
      model,
      store_to_dataset: {
        name: input.dataset_name ?? `${dataset.name.slice(0, 170)}, references filled`,
        output_column: reference_column,
        fills_blanks: true,
      },
    }),
  });
}
