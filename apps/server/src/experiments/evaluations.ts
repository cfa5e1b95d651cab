import { randomUUID } from 'node:crypto';
import {
  beginRun,
  type Db,
  type ExperimentRecord,
  findJobSpec,
  findJudging,
  insertJobs,
  reopenJob,
} from '@touchstone/db';
import { type FileRef, type InferenceSpec, isJudge, type MetricSettings } from '@touchstone/schemas';
import { settleBudget } from '../budgets/settle.ts';
import { AppError } from '../errors.ts';
import { evaluationSpec } from '../jobs/spec.ts';
import { settleExperiment } from './settle.ts';
import { answersOf, countRows, currentJobs, findAnswers } from './view.ts';

type Scoring = {
  metrics: MetricSettings[];
  /** Null: the inference left nothing but a journal. */
  answers: FileRef | null;
  time_limit_s: number | null;
  /** Judges are asked again where a call of theirs failed. */
  retry_failed?: boolean;
};

/** Has the answers of a workflow scored: computed metrics by one job, and each judge by a job of its own. */
export async function insertEvaluations(
  tx: Db,
  inference: InferenceSpec,
  { metrics, answers, time_limit_s, retry_failed = false }: Scoring,
): Promise<void> {
  const { experiment_id, workflow_id } = inference;
  const common = { experiment_id, workflow_id, kind: 'evaluation', time_limit_s } as const;
  const computed = metrics.filter((metric) => !isJudge(metric));
  if (computed.length > 0) {
    const id = randomUUID();
    await insertJobs(tx, [{ ...common, id, spec: evaluationSpec(inference, id, computed, answers) }]);
  }
  for (const judge of metrics.filter(isJudge)) {
    // The same job once more: what is in its journal is judged already, and paid for.
    const before = await findJudging(tx, workflow_id!, judge.name);
    const id = before?.id ?? randomUUID();
    const spec = evaluationSpec(inference, id, [judge], answers);
    if (before) {
      const retry_failed_before = retry_failed ? before.attempt + 1 : before.retry_failed_before;
      await reopenJob(tx, id, { retry_failed_before, time_limit_s, spec });
    } else await insertJobs(tx, [{ ...common, id, spec, judge: judge.name }]);
  }
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
  await settleBudget(tx, id);
  await settleExperiment(tx, id);
}
