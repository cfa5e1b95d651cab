import { Rows, RowsInput } from '@touchstone/schemas';
import { read, router } from '../trpc.ts';
import { listRows } from './service.ts';

export const rows = router({
  list: read
    .input(RowsInput)
    .output(Rows)
    .query(({ ctx, input }) => listRows(ctx, input)),
});
