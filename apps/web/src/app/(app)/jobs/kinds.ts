import type { JobKind, JobListItem, JobStatus } from '@touchstone/schemas';

export const KIND_LABELS: Record<JobKind, string> = {
  inference: 'Inference',
  evaluation: 'Evaluation',
  comparison: 'Comparison',
  annotation: 'Annotation',
};

/** A job of its own has the name that a person gave it. */
export function jobTitle({ kind, name, experiment }: Pick<JobListItem, 'kind' | 'name' | 'experiment'>): string {
  return experiment ? `${KIND_LABELS[kind]} of ${name}` : name;
}

/** Whether nothing more happens to a job by itself. */
export function isOver(status: JobStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'stopped';
}
