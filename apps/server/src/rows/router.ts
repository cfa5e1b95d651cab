import { RowFilterCounts, RowFilterCountsInput, Rows, RowsInput } from '@touchstone/schemas';
import { read, router } from '../trpc.ts';
import { countByFilter, listRows } from './service.ts';

export const rows = router({
  list: read
    .input(RowsInput)
    .output(Rows)
    .query(({ ctx, input }) => listRows(ctx, input)),
  counts: read
    .input(RowFilterCountsInput)
    .output(RowFilterCounts)
    .query(({ ctx, input }) => countByFilter(ctx, input)),
});
