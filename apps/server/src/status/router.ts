import { Status } from '@touchstone/schemas';
import { read, router } from '../trpc.ts';
import { getStatus } from './service.ts';

export const status = router({
  get: read.output(Status).query(({ ctx }) => getStatus(ctx)),
});
