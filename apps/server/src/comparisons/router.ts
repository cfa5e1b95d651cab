import { ComparisonGet, ExperimentComparison, Slices, SlicesInput } from '@touchstone/schemas';
import { read, router } from '../trpc.ts';
import { getComparison } from './service.ts';
import { getSlices } from './slices.ts';

export const comparisons = router({
  get: read
    .meta({
      openapi: {
        method: 'GET',
        path: '/api/experiments/{experiment_id}/comparison',
        summary: 'How the models compare with each other, and which one to use by a rule',
      },
    })
    .input(ComparisonGet)
    .output(ExperimentComparison)
    .query(({ ctx, input }) => getComparison(ctx, input)),
  slices: read
    .meta({
      openapi: {
        method: 'GET',
        path: '/api/experiments/{experiment_id}/slices',
        summary: 'How the models do on parts of the rows, by a column, the length or the language of the input',
      },
    })
    .input(SlicesInput)
    .output(Slices)
    .query(({ ctx, input }) => getSlices(ctx, input)),
});
