import type { JobStatus, RowCounts, RunStatus } from '@touchstone/schemas';

export type JobFacts = { status: JobStatus; reason: string | null };

const isOver = (status: JobStatus) => status === 'succeeded' || status === 'failed' || status === 'stopped';

/** A workflow's state out of its two jobs. `evaluation` is null where there is none yet, or where nothing was answered. */
export function workflowStatus(
  inference: JobFacts,
  evaluation: JobFacts | null,
  rows: RowCounts,
): { status: RunStatus; reason: string | null } {
  if (!isOver(inference.status))
    return { status: inference.status === 'created' ? 'created' : 'running', reason: inference.reason };
  if (evaluation && !isOver(evaluation.status)) return { status: 'running', reason: evaluation.reason };
  if (inference.status === 'stopped') return { status: 'stopped', reason: inference.reason ?? 'Stopped by a person.' };
  if (rows.answered === 0) return { status: 'failed', reason: inference.reason ?? 'No row was answered.' };
  if (evaluation?.status === 'stopped')
    return { status: 'stopped', reason: evaluation.reason ?? 'Stopped by a person.' };
  if (evaluation?.status === 'failed')
    return { status: 'failed', reason: `Scoring failed: ${evaluation.reason ?? 'see its log.'}` };
  if (inference.status === 'failed' || rows.answered < rows.total)
    return { status: 'partial', reason: inference.reason };
  return { status: 'succeeded', reason: null };
}

/** An experiment's state out of its workflows' and its comparison's. `comparison` is null where there is nothing to compare. */
export function experimentStatus(workflows: readonly RunStatus[], comparison: JobFacts | null): RunStatus {
  const status = statusOfAll(workflows);
  if (!isRunOver(status) || comparison === null) return status;
  if (!isOver(comparison.status)) return 'running';
  return status === 'succeeded' && comparison.status !== 'succeeded' ? 'partial' : status;
}

function statusOfAll(workflows: readonly RunStatus[]): RunStatus {
  const has = (status: RunStatus) => workflows.includes(status);
  if (workflows.every((status) => status === 'created')) return 'created';
  if (has('created') || has('running')) return 'running';
  if (has('stopped')) return 'stopped';
  if (workflows.every((status) => status === 'succeeded')) return 'succeeded';
  if (workflows.every((status) => status === 'failed')) return 'failed';
  return 'partial';
}

export function isRunOver(status: RunStatus): boolean {
  return status !== 'created' && status !== 'running';
}
