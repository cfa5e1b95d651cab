import { confirmExperiment as confirm, lockExperiment } from '@touchstone/db';
import type { Experiment } from '@touchstone/schemas';
import type { Ctx } from '../context.ts';
import { getExperiment } from '../experiments/service.ts';

/** Says yes to what the rest of an experiment will cost. Saying it again, or of one that does not ask, changes nothing. */
export async function confirmExperiment(ctx: Ctx, id: string): Promise<Experiment> {
  await getExperiment(ctx, id);
  await ctx.db.$transaction(async (tx) => {
    await lockExperiment(tx, id);
    await confirm(tx, id);
  });
  return getExperiment(ctx, id);
}
