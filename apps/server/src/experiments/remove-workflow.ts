import { beginRun, insertOutboxEvents, lockExperiment, markWorkflowDeleted, requestStop } from '@touchstone/db';
import type { Experiment, WorkflowRemove } from '@touchstone/schemas';
import type { z } from 'zod';
import { comparedScores } from '../comparisons/settle.ts';
import type { Ctx } from '../context.ts';
import { AppError, notFound } from '../errors.ts';
import { isRunOver } from './run-status.ts';
import { getExperiment, getExperimentRecord } from './service.ts';
import { settleExperiment } from './settle.ts';

/**
 * Hides one model of an experiment at once; its jobs end, then their files and MLflow runs go. The others stay as they are, and those
 * that were compared with it are compared without it.
 * @throws AppError CONFLICT while it runs, unless forced; INVALID where it is the only one
 */
export async function removeWorkflow(
  ctx: Ctx,
  { id, workflow_id, force }: z.output<typeof WorkflowRemove>,
): Promise<Experiment> {
  await ctx.db.$transaction(async (tx) => {
    await lockExperiment(tx, id);
    const experiment = await getExperimentRecord({ db: tx as Ctx['db'] }, id);
    const workflow = experiment.workflows.find((one) => one.id === workflow_id);
    if (!workflow) throw notFound('workflow', workflow_id);
    const rest = experiment.workflows.filter((one) => one !== workflow);
    if (rest.length === 0) {
      throw new AppError('INVALID', `"${workflow.name}" is the only model of the experiment: delete that instead.`);
    }
    if (!isRunOver(workflow.status) && !force) {
      throw new AppError('CONFLICT', `"${workflow.name}" still runs: stop it first, or remove it with force.`);
    }
    await requestStop(tx, { workflow_id });
    await markWorkflowDeleted(tx, workflow_id);
    await insertOutboxEvents(tx, id, [{ type: 'workflow_deleted', workflow_id }]);
    const wasCompared = comparedScores({ workflows: [workflow] }).length > 0;
    const isComparedAgain = wasCompared && comparedScores({ workflows: rest }).length > 1;
    if (isRunOver(experiment.status) && isComparedAgain) await beginRun(tx, id, []);
    await settleExperiment(tx, id);
  });
  return getExperiment(ctx, id);
}
