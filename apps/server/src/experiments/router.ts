import {
  Experiment,
  ExperimentCreate,
  ExperimentDelete,
  ExperimentResume,
  ExperimentSummary,
  IdInput,
  PageInput,
  page,
} from '@touchstone/schemas';
import { z } from 'zod';
import { read, router, run } from '../trpc.ts';
import { createExperiment } from './create.ts';
import { getExperiment, listExperiments, removeExperiment, resumeExperiment, stopExperiment } from './service.ts';

export const experiments = router({
  list: read
    .input(PageInput.extend({ search: z.string().max(200).default('') }))
    .output(page(ExperimentSummary))
    .query(({ ctx, input }) => listExperiments(ctx, input)),
  get: read
    .input(IdInput)
    .output(Experiment)
    .query(({ ctx, input }) => getExperiment(ctx, input.id)),
  create: run
    .input(ExperimentCreate)
    .output(Experiment)
    .mutation(({ ctx, input }) => createExperiment(ctx, input)),
  stop: run
    .input(IdInput)
    .output(Experiment)
    .mutation(({ ctx, input }) => stopExperiment(ctx, input.id)),
  resume: run
    .input(ExperimentResume)
    .output(Experiment)
    .mutation(({ ctx, input }) => resumeExperiment(ctx, input)),
  remove: run
    .input(ExperimentDelete)
    .output(IdInput)
    .mutation(({ ctx, input }) => removeExperiment(ctx, input)),
});
