import { Readable } from 'node:stream';
import { AUTOMATIC_SLICES, type Slices } from '@touchstone/schemas';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { getExperimentRecord } from '../experiments/service.ts';
import { type ExportFile, fileNameOf } from '../rows/export.ts';
import { getComparison } from './service.ts';
import { getSlices } from './slices.ts';

/** More columns than this are not tried one by one. */
const MOST_COLUMNS = 20;

/** The whole comparison with its recommendation, and the slices by every column that has few values, as one JSON file. @throws AppError NOT_FOUND */
export async function exportComparison(ctx: Ctx, id: string): Promise<ExportFile> {
  const { name, primary_metric, group_column, sample, seed, repeats } = await getExperimentRecord(ctx, id);
  const compared = await getComparison(ctx, { experiment_id: id });
  const experiment = { id, name, primary_metric, group_column, sample, seed, repeats };
  const text = JSON.stringify({ experiment, ...compared, slices: await findAllSlices(ctx, id) }, null, 2);
  return {
    filename: `${fileNameOf(name)}-comparison.json`,
    content_type: 'application/json; charset=utf-8',
    stream: Readable.from([text]),
  };
}

async function findAllSlices(ctx: Ctx, experiment_id: string): Promise<Omit<Slices, 'experiment_id' | 'choices'>[]> {
  const [first, ...others] = AUTOMATIC_SLICES;
  const { choices, experiment_id: _, ...byLength } = await getSlices(ctx, { experiment_id, by: first });
  const found = [byLength];
  const columns = choices.filter((choice) => !(AUTOMATIC_SLICES as readonly string[]).includes(choice));
  for (const by of [...others, ...columns.slice(0, MOST_COLUMNS)]) {
    try {
      const { choices: _choices, experiment_id: _id, ...slices } = await getSlices(ctx, { experiment_id, by });
      found.push(slices);
    } catch (error) {
      // A column whose values are nearly all different.
      if (!(error instanceof AppError) || error.code !== 'INVALID') throw error;
    }
  }
  return found;
}
