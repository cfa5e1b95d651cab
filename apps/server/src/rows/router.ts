import { Rows, RowsInput } from '@touchstone/schemas';
import { procedure, router } from '../trpc.ts';
import { listRows } from './service.ts';

export const rows = router({
  list: procedure
    .input(RowsInput)
    .output(Rows)
    .query(({ ctx, input }) => listRows(ctx, input)),
});
