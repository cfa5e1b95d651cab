import { ComparisonGet, ExperimentComparison } from '@touchstone/schemas';
import { read, router } from '../trpc.ts';
import { getComparison } from './service.ts';

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
});
