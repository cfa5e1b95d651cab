import { Status } from '@touchstone/schemas';
import { read, router } from '../trpc.ts';
import { getStatus } from './service.ts';

export const status = router({
  get: read
    .meta({ openapi: { method: 'GET', path: '/api/status', summary: 'The state of every service' } })
    .output(Status)
    .query(({ ctx }) => getStatus(ctx)),
});
