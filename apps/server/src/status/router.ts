import { Status } from '@touchstone/schemas';
import { procedure, router } from '../trpc.ts';
import { getStatus } from './service.ts';

export const status = router({
  get: procedure.output(Status).query(({ ctx }) => getStatus(ctx)),
});
