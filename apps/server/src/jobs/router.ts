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
    .input(JobListInput)
    .output(page(JobListItem))
    .query(({ ctx, input }) => listJobs(ctx, input)),
  get: read
    .input(IdInput)
    .output(Job)
    .query(({ ctx, input }) => getJob(ctx, input.id)),
  log: read
    .input(JobLogInput)
    .output(JobLog)
    .query(({ ctx, input }) => readJobLog(ctx, input)),
  stop: run
    .input(IdInput)
    .output(Job)
    .mutation(({ ctx, input }) => stopJob(ctx, input.id)),
});
