import {
  Experiment,
  ExperimentCounts,
  ExperimentCountsInput,
  ExperimentCreate,
  ExperimentDelete,
  ExperimentEstimate,
  ExperimentListInput,
  ExperimentPlan,
  ExperimentResume,
  ExperimentSummary,
  ExperimentUpdate,
  IdInput,
  MetricsAdd,
  Name,
  NameSuggestion,
  object,
  page,
  WorkflowRemove,
  WorkflowsAdd,
} from '@touchstone/schemas';
import { confirmExperiment } from '../budgets/confirm.ts';
import { read, router, run } from '../trpc.ts';
import { addMetrics } from './add-metrics.ts';
import { addWorkflows } from './add-workflows.ts';
import { createExperiment } from './create.ts';
import { estimateExperiment } from './estimate.ts';
import { removeWorkflow } from './remove-workflow.ts';
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
    .meta({ openapi: { method: 'GET', path: '/api/experiments', summary: 'Experiments, newest first' } })
    .input(ExperimentListInput)
    .output(page(ExperimentSummary))
    .query(({ ctx, input }) => listExperiments(ctx, input)),
  counts: read
    .meta({ openapi: { method: 'GET', path: '/api/experiments/counts', summary: 'How many there are, by state' } })
    .input(ExperimentCountsInput)
    .output(ExperimentCounts)
    .query(({ ctx, input }) => countExperiments(ctx, input)),
  suggest_name: read
    .meta({ openapi: { method: 'GET', path: '/api/experiments/free_name', summary: 'A name that is not taken yet' } })
    .input(object({ name: Name }))
    .output(NameSuggestion)
    .query(({ ctx, input }) => suggestName(ctx, input.name)),
  get: read
    .meta({
      openapi: { method: 'GET', path: '/api/experiments/{id}', summary: 'An experiment with its workflows and scores' },
    })
    .input(IdInput)
    .output(Experiment)
    .query(({ ctx, input }) => getExperiment(ctx, input.id)),
  create: run
    .meta({
      openapi: { method: 'POST', path: '/api/experiments', summary: 'Create an experiment and run it', status: 201 },
    })
    .input(ExperimentCreate)
    .output(Experiment)
    .mutation(({ ctx, input }) => createExperiment(ctx, input)),
  // What was planned may be too long for an address, so it is asked by POST. Nothing is written.
  estimate: read
    .meta({
      openapi: {
        method: 'POST',
        path: '/api/experiments/estimate',
        summary: 'What an experiment would use: tokens, money and time, before any call',
      },
    })
    .input(ExperimentPlan)
    .output(ExperimentEstimate)
    .mutation(({ ctx, input }) => estimateExperiment(ctx, input)),
  update: run
    .meta({
      openapi: {
        method: 'PATCH',
        path: '/api/experiments/{id}',
        summary: 'Rename or describe an experiment, or change its budget or the rule of its recommendation',
      },
    })
    .input(ExperimentUpdate)
    .output(Experiment)
    .mutation(({ ctx, input }) => updateExperiment(ctx, input)),
  add_workflows: run
    .meta({
      openapi: {
        method: 'POST',
        path: '/api/experiments/{id}/workflows',
        summary: 'Add models, which run over the same rows',
        status: 201,
      },
    })
    .input(WorkflowsAdd)
    .output(Experiment)
    .mutation(({ ctx, input }) => addWorkflows(ctx, input)),
  add_metrics: run
    .meta({
      openapi: {
        method: 'POST',
        path: '/api/experiments/{id}/metrics',
        summary: 'Add metrics, by which the answers that are there are scored; no model is called',
        status: 201,
      },
    })
    .input(MetricsAdd)
    .output(Experiment)
    .mutation(({ ctx, input }) => addMetrics(ctx, input)),
  remove_workflow: run
    .meta({
      openapi: {
        method: 'DELETE',
        path: '/api/experiments/{id}/workflows/{workflow_id}',
        summary: 'Remove one model with its jobs, files and records; the others are compared without it',
      },
    })
    .input(WorkflowRemove)
    .output(Experiment)
    .mutation(({ ctx, input }) => removeWorkflow(ctx, input)),
  confirm: run
    .meta({
      openapi: {
        method: 'POST',
        path: '/api/experiments/{id}/confirm',
        summary: 'Say yes to what the rest of an experiment is estimated to cost',
      },
    })
    .input(IdInput)
    .output(Experiment)
    .mutation(({ ctx, input }) => confirmExperiment(ctx, input.id)),
  stop: run
    .meta({
      openapi: {
        method: 'POST',
        path: '/api/experiments/{id}/stop',
        summary: 'Stop an experiment; what is done is kept',
      },
    })
    .input(IdInput)
    .output(Experiment)
    .mutation(({ ctx, input }) => stopExperiment(ctx, input.id)),
  resume: run
    .meta({
      openapi: {
        method: 'POST',
        path: '/api/experiments/{id}/resume',
        summary: 'Run what has not run, or also what failed',
      },
    })
    .input(ExperimentResume)
    .output(Experiment)
    .mutation(({ ctx, input }) => resumeExperiment(ctx, input)),
  remove: run
    .meta({
      openapi: {
        method: 'DELETE',
        path: '/api/experiments/{id}',
        summary: 'Delete an experiment with its jobs, files and records',
      },
    })
    .input(ExperimentDelete)
    .output(IdInput)
    .mutation(({ ctx, input }) => removeExperiment(ctx, input)),
});
