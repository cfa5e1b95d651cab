import {
  Experiment,
  ExperimentCounts,
  ExperimentCountsInput,
  ExperimentCreate,
  ExperimentDelete,
  ExperimentListInput,
  ExperimentResume,
  ExperimentSummary,
  ExperimentUpdate,
  IdInput,
  Name,
  NameSuggestion,
  object,
  page,
  WorkflowsAdd,
} from '@touchstone/schemas';
import { read, router, run } from '../trpc.ts';
import { addWorkflows } from './add-workflows.ts';
import { createExperiment } from './create.ts';
import {
  countExperiments,
  getExperiment,
  listExperiments,
  removeExperiment,
  resumeExperiment,
  stopExperiment,
  suggestName,
  updateExperiment,
} from './service.ts';

export const experiments = router({
  list: read
    .input(ExperimentListInput)
    .output(page(ExperimentSummary))
    .query(({ ctx, input }) => listExperiments(ctx, input)),
  counts: read
    .input(ExperimentCountsInput)
    .output(ExperimentCounts)
    .query(({ ctx, input }) => countExperiments(ctx, input)),
  suggest_name: read
    .input(object({ name: Name }))
    .output(NameSuggestion)
    .query(({ ctx, input }) => suggestName(ctx, input.name)),
  get: read
    .input(IdInput)
    .output(Experiment)
    .query(({ ctx, input }) => getExperiment(ctx, input.id)),
  create: run
    .input(ExperimentCreate)
    .output(Experiment)
    .mutation(({ ctx, input }) => createExperiment(ctx, input)),
  update: run
    .input(ExperimentUpdate)
    .output(Experiment)
    .mutation(({ ctx, input }) => updateExperiment(ctx, input)),
  add_workflows: run
    .input(WorkflowsAdd)
    .output(Experiment)
    .mutation(({ ctx, input }) => addWorkflows(ctx, input)),
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
