import type { JobStatus, RowCounts, RunStatus } from '@touchstone/schemas';

export type JobFacts = { status: JobStatus; reason: string | null };

const isOver = (status: JobStatus) => status === 'succeeded' || status === 'failed' || status === 'stopped';

/** A workflow's state out of its jobs. There is no evaluation yet, or none where nothing was answered. */
export function workflowStatus(
  inference: JobFacts,
  evaluations: readonly JobFacts[],
  rows: RowCounts,
): { status: RunStatus; reason: string | null } {
  if (!isOver(inference.status))
    return { status: inference.status === 'created' ? 'created' : 'running', reason: inference.reason };
  const scoring = evaluations.find(({ status }) => !isOver(status));
  if (scoring) return { status: 'running', reason: scoring.reason };
  if (inference.status === 'stopped') return { status: 'stopped', reason: inference.reason ?? 'Stopped by a person.' };
  if (rows.answered === 0) return { status: 'failed', reason: inference.reason ?? 'No row was answered.' };
  const stopped = evaluations.find(({ status }) => status === 'stopped');
  if (stopped) return { status: 'stopped', reason: stopped.reason ?? 'Stopped by a person.' };
  const failed = evaluations.filter(({ status }) => status === 'failed');
  if (failed[0]) {
    const reason = failed[0].reason ?? 'see its log.';
    return failed.length === evaluations.length
      ? { status: 'failed', reason: `Scoring failed: ${reason}` }
      : { status: 'partial', reason: `Some scoring failed: ${reason}` };
  }
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
