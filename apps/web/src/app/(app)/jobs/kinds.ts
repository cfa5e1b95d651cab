import type { JobKind, JobStatus } from '@touchstone/schemas';

export const KIND_LABELS: Record<JobKind, string> = { inference: 'Inference', evaluation: 'Evaluation' };

/** Whether nothing more happens to a job by itself. */
export function isOver(status: JobStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'stopped';
}
