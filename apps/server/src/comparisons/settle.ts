import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Db, type ExperimentRecord, insertJobs, supersedeJob } from '@touchstone/db';
import {
  type ComparedMetric,
  type ComparisonSpec,
  describeMetric,
  type EvaluationResult,
  type MetricSettings,
  SPEC_VERSION,
} from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { JobFacts } from '../experiments/run-status.ts';
import { currentJobs, findAnswers, findScores } from '../experiments/view.ts';

/**
 * Brings the comparison of an experiment up to its results: once all workflows are over, it is of exactly what was accepted. One of
 * other results, after a retry or with a model added, is superseded, and made again when all are over.
 * @returns the state of the comparison, null where there is nothing to compare.
 */
export async function settleComparison(
  tx: Db,
  experiment: ExperimentRecord,
  isOver: boolean,
): Promise<JobFacts | null> {
  const [current] = experiment.jobs;
  const workflows = isOver && experiment.deleted_at === null ? comparedScores(experiment) : [];
  const isWanted = workflows.length > 1;
  if (current && isWanted && isDeepStrictEqual(current.spec.workflows, workflows)) return current;
  if (current) await supersedeJob(tx, current.id);
  if (!isWanted) return null;
  const job_id = randomUUID();
  const spec: ComparisonSpec = {
    version: SPEC_VERSION,
    kind: 'comparison',
    job_id,
    experiment_id: experiment.id,
    sample: { key: keys.experimentSample(experiment.id), sha256: experiment.sample.sha256 },
    metrics: experiment.metrics.map(comparedMetric),
    primary_metric: experiment.primary_metric,
    workflows,
    repeats: experiment.repeats,
    groups: groupsOf(experiment),
  };
  await insertJobs(tx, [
    { id: job_id, experiment_id: experiment.id, workflow_id: null, kind: 'comparison', spec, time_limit_s: null },
  ]);
  return { status: 'created', reason: null };
}

function groupsOf({ group_column, dataset_id, dataset }: ExperimentRecord): ComparisonSpec['groups'] {
  if (group_column === null) return null;
  return { data: { key: keys.datasetData(dataset_id), sha256: dataset.data_sha256 }, column: group_column };
}

/** What a comparison has to know of a metric. */
export function comparedMetric(settings: MetricSettings): ComparedMetric {
  const { name, type, yes_or_no, direction, delta, range } = describeMetric(settings);
  const [low, high] = range;
  return {
    name,
    type,
    yes_or_no,
    direction,
    delta,
    worst: direction === 'lower' ? high : low,
    span: high === null ? null : high - low,
  };
}

/** What was accepted of each workflow that has scores. */
export function comparedScores(experiment: Pick<ExperimentRecord, 'workflows'>): ComparisonSpec['workflows'] {
  return experiment.workflows.flatMap((workflow) => {
    const jobs = currentJobs(workflow);
    const answers = findAnswers(jobs);
    const results = new Set(findScores<EvaluationResult>(jobs).values());
    if (results.size === 0 || !answers) return [];
    const scores = [...results].map(({ rows_file: { key, sha256 } }) => ({ key, sha256 }));
    return [{ workflow_id: workflow.id, scores, answers }];
  });
}
