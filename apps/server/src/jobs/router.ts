import {
  AnnotationCreate,
  ComparisonCreate,
  EvaluationCreate,
  IdInput,
  InferenceCreate,
  Job,
  JobListInput,
  JobListItem,
  JobLog,
  JobLogInput,
  JobRemove,
  JobResume,
  JobRows,
  JobRowsInput,
  page,
} from '@touchstone/schemas';
import { read, router, run } from '../trpc.ts';
import { createAnnotation } from './create-annotation.ts';
import { createComparison } from './create-comparison.ts';
import { createEvaluation } from './create-evaluation.ts';
import { createInference } from './create-inference.ts';
import { readJobLog } from './log.ts';
import { listJobRows } from './rows.ts';
import { getJob, listJobs, stopJob } from './service.ts';
import { removeJob, resumeJob } from './standalone.ts';

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
  rows: read
    .meta({
      openapi: {
        method: 'GET',
        path: '/api/jobs/{id}/rows/page',
        summary: 'A page of the rows of a job, with answers and scores',
      },
    })
    .input(JobRowsInput)
    .output(JobRows)
    .query(({ ctx, input }) => listJobRows(ctx, input)),
  log: read
    .meta({
      openapi: { method: 'GET', path: '/api/jobs/{id}/log/follow', summary: 'What a job printed since an offset' },
    })
    .input(JobLogInput)
    .output(JobLog)
    .query(({ ctx, input }) => readJobLog(ctx, input)),
  create_annotation: run
    .meta({
      openapi: {
        method: 'POST',
        path: '/api/jobs/annotation',
        summary: "Fill a dataset's blank references with a model's answers: a new dataset",
        status: 201,
      },
    })
    .input(AnnotationCreate)
    .output(Job)
    .mutation(({ ctx, input }) => createAnnotation(ctx, input)),
  create_inference: run
    .meta({
      openapi: {
        method: 'POST',
        path: '/api/jobs/inference',
        summary: 'Run one model over a dataset, without an experiment',
        status: 201,
      },
    })
    .input(InferenceCreate)
    .output(Job)
    .mutation(({ ctx, input }) => createInference(ctx, input)),
  create_evaluation: run
    .meta({
      openapi: {
        method: 'POST',
        path: '/api/jobs/evaluation',
        summary: 'Score answers that a dataset has already',
        status: 201,
      },
    })
    .input(EvaluationCreate)
    .output(Job)
    .mutation(({ ctx, input }) => createEvaluation(ctx, input)),
  create_comparison: run
    .meta({
      openapi: {
        method: 'POST',
        path: '/api/jobs/comparison',
        summary: 'Compare evaluations of the same rows that were made without an experiment',
        status: 201,
      },
    })
    .input(ComparisonCreate)
    .output(Job)
    .mutation(({ ctx, input }) => createComparison(ctx, input)),
  stop: run
    .meta({ openapi: { method: 'POST', path: '/api/jobs/{id}/stop', summary: 'Stop a job; what is done is kept' } })
    .input(IdInput)
    .output(Job)
    .mutation(({ ctx, input }) => stopJob(ctx, input.id)),
  resume: run
    .meta({
      openapi: { method: 'POST', path: '/api/jobs/{id}/resume', summary: 'Run what has not run, or also what failed' },
    })
    .input(JobResume)
    .output(Job)
    .mutation(({ ctx, input }) => resumeJob(ctx, input)),
  remove: run
    .meta({
      openapi: {
        method: 'DELETE',
        path: '/api/jobs/{id}',
        summary: 'Delete a job that is in no experiment, with its files and record',
      },
    })
    .input(JobRemove)
    .output(IdInput)
    .mutation(({ ctx, input }) => removeJob(ctx, input)),
});
