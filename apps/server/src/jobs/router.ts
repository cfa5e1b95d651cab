import {
  Id,
  IdInput,
  Job,
  JobKind,
  JobListItem,
  JobLog,
  JobLogInput,
  JobStatus,
  PageInput,
  page,
} from '@touchstone/schemas';
import { read, router, run } from '../trpc.ts';
import { readJobLog } from './log.ts';
import { getJob, listJobs, stopJob } from './service.ts';

export const JobListInput = PageInput.extend({
  experiment_id: Id.optional(),
  kind: JobKind.optional(),
  status: JobStatus.optional(),
});

export const jobs = router({
  list: read
    .meta({ openapi: { method: 'GET', path: '/api/jobs', summary: 'Jobs, newest first' } })
    .input(JobListInput)
    .output(page(JobListItem))
    .query(({ ctx, input }) => listJobs(ctx, input)),
  get: read
    .meta({ openapi: { method: 'GET', path: '/api/jobs/{id}', summary: 'A job with its attempts and specification' } })
    .input(IdInput)
    .output(Job)
    .query(({ ctx, input }) => getJob(ctx, input.id)),
  log: read
    .meta({
      openapi: { method: 'GET', path: '/api/jobs/{id}/log/follow', summary: 'What a job printed since an offset' },
    })
    .input(JobLogInput)
    .output(JobLog)
    .query(({ ctx, input }) => readJobLog(ctx, input)),
  stop: run
    .meta({ openapi: { method: 'POST', path: '/api/jobs/{id}/stop', summary: 'Stop a job; what is done is kept' } })
    .input(IdInput)
    .output(Job)
    .mutation(({ ctx, input }) => stopJob(ctx, input.id)),
});
