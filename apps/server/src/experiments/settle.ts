import {
  type Db,
  type ExperimentRecord,
  findExperiment,
  insertOutboxEvents,
  lockExperiment,
  setExperimentStatus,
  setWorkflowStatus,
  type WorkflowRecord,
} from '@touchstone/db';
import type { RunStatus } from '@touchstone/schemas';
import { settleComparison } from '../comparisons/settle.ts';
import { mlflowStatus, scoreMetrics, type TrackingEvent } from '../tracking/events.ts';
import { experimentStatus, isRunOver, workflowStatus } from './run-status.ts';
import { answersOf, countRows, currentJobs, mergeMetrics } from './view.ts';

/**
 * Brings the states of an experiment and its workflows up to their jobs'. Called in the transaction that changed a job; may be
 * repeated. Null: of a job that is in none there is nothing to bring up.
 */
export async function settleExperiment(tx: Db, experimentId: string | null): Promise<void> {
  if (experimentId === null) return;
  await lockExperiment(tx, experimentId);
  const experiment = await findExperiment(tx, experimentId, true);
  if (!experiment) return;
  const statuses: RunStatus[] = [];
  for (const workflow of experiment.workflows) statuses.push(await settleWorkflow(tx, experiment, workflow));
  const comparison = await settleComparison(tx, experiment, statuses.every(isRunOver));
  const status = experimentStatus(statuses, comparison);
  const finished_at = isRunOver(status) ? (experiment.finished_at ?? new Date()) : null;
  if (status !== experiment.status || finished_at?.getTime() !== experiment.finished_at?.getTime()) {
    await setExperimentStatus(tx, experimentId, { status, finished_at });
  }
}

async function settleWorkflow(
  tx: Db,
  experiment: ExperimentRecord,
  workflow: WorkflowRecord,
): Promise<WorkflowRecord['status']> {
  const jobs = currentJobs(workflow);
  const { status, reason } = workflowStatus(
    jobs.inference,
    jobs.evaluations,
    countRows(jobs, answersOf(experiment, workflow)),
  );
  if (status === workflow.status && reason === workflow.reason) return status;
  const isNowOver = isRunOver(status) && !isRunOver(workflow.status);
  const finished_at = isRunOver(status) ? (workflow.finished_at ?? new Date()) : null;
  await setWorkflowStatus(tx, workflow.id, { status, reason, finished_at });
  if (isNowOver) await insertOutboxEvents(tx, experiment.id, [workflowOver(experiment, { ...workflow, status })]);
  return status;
}

function workflowOver(experiment: ExperimentRecord, workflow: WorkflowRecord): TrackingEvent {
  const jobs = currentJobs(workflow);
  const { answered, failed, not_run } = countRows(jobs, answersOf(experiment, workflow));
  const metrics: Record<string, number> = { rows_answered: answered, rows_failed: failed, rows_not_run: not_run };
  Object.assign(metrics, scoreMetrics(mergeMetrics(jobs)));
  return {
    type: 'workflow_over',
    workflow_id: workflow.id,
    status: mlflowStatus(workflow.status),
    metrics,
    tags: { 'touchstone.status': workflow.status },
  };
}
