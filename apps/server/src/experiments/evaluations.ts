import { randomUUID } from 'node:crypto';
import { type Db, insertJobs } from '@touchstone/db';
import type { FileRef, InferenceSpec, MetricName } from '@touchstone/schemas';
import { evaluationSpec } from '../jobs/spec.ts';

/** Has the answers of a workflow scored; `answers` is null where its inference left nothing but a journal. */
export async function insertEvaluations(
  tx: Db,
  inference: InferenceSpec,
  { metrics, answers, time_limit_s }: { metrics: MetricName[]; answers: FileRef | null; time_limit_s: number | null },
): Promise<void> {
  const id = randomUUID();
  const { experiment_id, workflow_id } = inference;
  const spec = evaluationSpec(inference, id, metrics, answers);
  await insertJobs(tx, [{ id, experiment_id, workflow_id, kind: 'evaluation', spec, time_limit_s }]);
}
