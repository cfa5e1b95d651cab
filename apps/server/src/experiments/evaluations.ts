import { randomUUID } from 'node:crypto';
import { beginRun, type Db, type ExperimentRecord, findJobSpec, insertJobs } from '@touchstone/db';
import type { FileRef, InferenceSpec, MetricSettings } from '@touchstone/schemas';
import { AppError } from '../errors.ts';
import { evaluationSpec } from '../jobs/spec.ts';
import { settleExperiment } from './settle.ts';
import { answersOf, countRows, currentJobs, findAnswers } from './view.ts';

/** Has the answers of a workflow scored; `answers` is null where its inference left nothing but a journal. */
export async function insertEvaluations(
  tx: Db,
  inference: InferenceSpec,
  {
    metrics,
    answers,
    time_limit_s,
  }: { metrics: MetricSettings[]; answers: FileRef | null; time_limit_s: number | null },
): Promise<void> {
  const id = randomUUID();
  const { experiment_id, workflow_id } = inference;
  const spec = evaluationSpec(inference, id, metrics, answers);
  await insertJobs(tx, [{ id, experiment_id, workflow_id, kind: 'evaluation', spec, time_limit_s }]);
}

/**
 * Has all that was answered in an experiment that is over scored by these metrics, and with that runs it again. Scores that are there stay.
 * @throws AppError INVALID where nothing was answered
 */
export async function scoreAnswers(tx: Db, experiment: ExperimentRecord, metrics: MetricSettings[]): Promise<void> {
  const answered = experiment.workflows.filter(
    (workflow) => countRows(currentJobs(workflow), answersOf(experiment, workflow)).answered > 0,
  );
  if (answered.length === 0) {
    throw new AppError('INVALID', 'No model of the experiment has answered a row: there is nothing to score.');
  }
  const { id, time_limit_s } = experiment;
  for (const workflow of answered) {
    const jobs = currentJobs(workflow);
    const spec = (await findJobSpec(tx, jobs.inference.id)) as InferenceSpec;
    await insertEvaluations(tx, spec, { metrics, answers: findAnswers(jobs), time_limit_s });
  }
  const ids = answered.map((workflow) => workflow.id);
  await beginRun(tx, id, ids);
  await settleExperiment(tx, id);
}
