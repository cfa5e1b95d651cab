import {
  Distribution,
  DistributionInput,
  RowFilterCounts,
  RowFilterCountsInput,
  Rows,
  RowsInput,
} from '@touchstone/schemas';
import { read, router } from '../trpc.ts';
import { getDistribution } from './distribution.ts';
import { countByFilter, listRows } from './service.ts';

export const rows = router({
  list: read
    .meta({
      openapi: {
        method: 'GET',
        path: '/api/experiments/{experiment_id}/rows',
        summary: 'Rows of an experiment, with the answers and scores of every workflow',
      },
    })
    .input(RowsInput)
    .output(Rows)
    .query(({ ctx, input }) => listRows(ctx, input)),
  counts: read
    .meta({
      openapi: {
        method: 'GET',
        path: '/api/experiments/{experiment_id}/rows/counts',
        summary: 'How many rows match each filter',
      },
    })
    .input(RowFilterCountsInput)
    .output(RowFilterCounts)
    .query(({ ctx, input }) => countByFilter(ctx, input)),
  distribution: read
    .meta({
      openapi: {
        method: 'GET',
        path: '/api/experiments/{experiment_id}/distribution',
        summary: 'How the values of one metric lie, by workflow, in bins',
      },
    })
    .input(DistributionInput)
    .output(Distribution)
    .query(({ ctx, input }) => getDistribution(ctx, input)),
});
