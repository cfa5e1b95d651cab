import type {
  ComparisonJobRecord,
  ExperimentRecord,
  ListedExperiment,
  ListedJob,
  WorkflowJobRecord,
  WorkflowRecord,
} from '@touchstone/db';
import {
  bestValue,
  DEFAULT_RULE,
  describeMetric,
  type Experiment,
  type ExperimentSummary,
  type FileRef,
  type InferenceOutcome,
  isBaseline,
  isLocalModel,
  type JobSummary,
  type MetricAggregates,
  type MetricName,
  type ModelSettings,
  type RowCounts,
  type Spending,
  type Workflow,
  type WorkflowJudging,
} from '@touchstone/schemas';
import { experimentUrl } from '@touchstone/tracking';
import { projectExperiment, projectWorkflow } from '../budgets/project.ts';
import { findSpenders, isPiloted } from '../budgets/settle.ts';
import { isRunOver } from './run-status.ts';

/** Seconds of a run that began then, until its end or now, and of the runs before it. */
function activeSeconds(run: { seconds_before: number; finished_at: Date | null }, began: Date): number {
  return run.seconds_before + ((run.finished_at?.getTime() ?? Date.now()) - began.getTime()) / 1000;
}

/** `evaluations` in the order in which they were made. */
type Jobs<J> = { inference: J; evaluations: J[] };

export function currentJobs<J extends Pick<ListedJob, 'kind'>>(workflow: { jobs: J[] }): Jobs<J> {
  return {
    inference: workflow.jobs.find((job) => job.kind === 'inference')!,
    evaluations: workflow.jobs.filter((job) => job.kind === 'evaluation'),
  };
}

type Found<O> = {
  progress: O | null;
  result: { kind: 'inference'; outcome: O } | { kind: 'evaluation'; folded: { outcome: O } | null } | null;
};

/** What inference found so far: the accepted result, the journal as evaluation folded it, or the newest progress. */
export function findOutcome<O>({ inference, evaluations }: Jobs<Found<O>>): O | null {
  if (inference.result?.kind === 'inference') return inference.result.outcome;
  for (const { result } of evaluations)
    if (result?.kind === 'evaluation' && result.folded) return result.folded.outcome;
  return inference.progress;
}

/** The accepted answers: those of the inference, or its journal as evaluation folded it. */
export function findAnswers({ inference, evaluations }: Jobs<Pick<WorkflowJobRecord, 'result'>>): FileRef | null {
  const results = [inference, ...evaluations].map(({ result }) => result);
  for (const result of results) {
    const file = result?.kind === 'inference' ? result.rows_file : result?.folded?.rows_file;
    if (file) return { key: file.key, sha256: file.sha256 };
  }
  return null;
}

type ScoredBy<R> = { evaluations: readonly { result: R | { kind: 'inference' } | null }[] };
type Scored = { kind: 'evaluation'; metrics: MetricAggregates };

/** The result that holds each metric's scores: of evaluations that were accepted, the newest that has it. */
export function findScores<R extends Scored>({ evaluations }: ScoredBy<R>): Map<MetricName, R> {
  const found = new Map<MetricName, R>();
  for (const { result } of evaluations) {
    if (result?.kind !== 'evaluation') continue;
    for (const name of Object.keys(result.metrics)) found.set(name, result);
  }
  return found;
}

/** What a workflow's evaluations found. */
export function mergeMetrics(jobs: ScoredBy<Scored>): MetricAggregates {
  return Object.fromEntries([...findScores(jobs)].map(([name, result]) => [name, result.metrics[name]!]));
}

/** Answers that a model of an experiment is to give. A baseline would say the same again, so it gives one to each row. */
export function repeatsOf(
  { repeats }: { repeats: number },
  { model }: { model: Pick<ModelSettings, 'model'> },
): number {
  return isBaseline(model.model) ? 1 : repeats;
}
export const answersOf = (
  experiment: { repeats: number; sample: { rows: number } },
  workflow: { model: Pick<ModelSettings, 'model'> },
): number => experiment.sample.rows * repeatsOf(experiment, workflow);

/** Rows of a workflow; once its inference is over nothing is pending: what has not run, will not. */
export function countRows(jobs: Jobs<Found<{ rows: RowCounts }> & { finished_at: unknown }>, total: number): RowCounts {
  const found = findOutcome<{ rows: RowCounts }>(jobs)?.rows;
  // A driver that has not read the sample yet counts none.
  const rows = found?.total ? found : { total, answered: 0, failed: 0, not_run: 0, pending: total };
  const isOver = jobs.inference.finished_at !== null;
  return isOver ? { ...rows, not_run: rows.not_run + rows.pending, pending: 0 } : rows;
}

export function toJobSummary(job: Omit<ComparisonJobRecord, 'spec'>): JobSummary {
  const { id, kind, status, attempt, reason } = job;
  return {
    id,
    kind,
    status,
    attempt,
    reason,
    created_at: job.created_at.toISOString(),
    started_at: job.started_at?.toISOString() ?? null,
    finished_at: job.finished_at?.toISOString() ?? null,
    seconds: job.started_at ? activeSeconds(job, job.started_at) : job.seconds_before || null,
  };
}

function toWorkflow(workflow: WorkflowRecord, experiment: ExperimentRecord): Workflow {
  const jobs = currentJobs(workflow);
  const { inference, evaluations } = jobs;
  const outcome = findOutcome<Omit<InferenceOutcome, 'extra_answers'>>(jobs);
  const running = [inference, ...evaluations].find((job) => job.finished_at === null) ?? null;
  const scoring = evaluations.flatMap((job) => job.result?.seconds ?? job.progress?.elapsed_s ?? []);
  const progress = running?.progress ?? null;
  const over = isRunOver(workflow.status);
  return {
    id: workflow.id,
    name: workflow.name,
    position: workflow.position,
    model: workflow.model,
    status: workflow.status,
    reason: workflow.reason ?? progress?.waiting_for ?? null,
    next_call_at: over ? null : (progress?.next_call_at ?? null),
    stage: over || !running ? null : running.kind,
    rows: countRows(jobs, answersOf(experiment, workflow)),
    errors: outcome?.errors ?? {},
    rows_per_second: progress?.rows_per_second ?? null,
    seconds: {
      total: activeSeconds(workflow, workflow.run_started_at),
      inference: inference.result?.seconds ?? inference.progress?.elapsed_s ?? null,
      evaluation: scoring.length > 0 ? scoring.reduce((sum, seconds) => sum + seconds, 0) : null,
    },
    latency_ms: outcome?.latency_ms ?? null,
    first_token_ms: outcome?.first_token_ms ?? null,
    concurrency:
      isBaseline(workflow.model.model) || isLocalModel(workflow.model)
        ? null
        : (inference.progress?.concurrency ?? workflow.model.concurrency ?? null),
    tokens: outcome?.tokens ?? null,
    // Where a journal was folded after its driver's death, the driver knew the hours.
    cost: outcome?.cost ?? inference.progress?.cost ?? null,
    truncated: outcome?.truncated ?? 0,
    projected: over ? null : projectWorkflow(experiment, workflow),
    metrics: mergeMetrics(jobs),
    judging: evaluations.flatMap(toJudging),
    jobs: workflow.jobs.map(toJobSummary),
  };
}

function toJudging({ judge, status, reason, result, progress }: WorkflowJobRecord): WorkflowJudging[] {
  const outcome = (result?.kind === 'evaluation' && result.judging?.outcome) || progress;
  if (judge === null || !outcome) return [];
  const { rows, errors, latency_ms, tokens, cost } = outcome;
  const why = reason ?? (result ? null : (progress?.waiting_for ?? null));
  return [{ metric: judge, status, reason: why, rows, errors, latency_ms, tokens, cost }];
}

function toBase(row: Omit<ListedExperiment, 'workflows' | 'metric'>) {
  const { id, name, status, task, primary_metric, sample } = row;
  return {
    id,
    name,
    status,
    dataset: {
      id: row.dataset.id,
      name: row.dataset.name,
      version: row.dataset.version,
      row_count: row.dataset.row_count,
    },
    task,
    primary_metric,
    created_at: row.created_at.toISOString(),
    finished_at: row.finished_at?.toISOString() ?? null,
    sample,
  };
}

/** Null: nobody counted. */
function spentBy(experiment: ExperimentRecord): Spending | null {
  const spent: Spending[] = findSpenders(experiment).flatMap((job) => job?.spent ?? []);
  if (spent.length === 0) return null;
  const total = (kind: keyof Spending) => spent.reduce((sum, one) => sum + one[kind], 0);
  return { cost: total('cost'), tokens: total('tokens'), calls: total('calls') };
}

function confirmationOf(experiment: ExperimentRecord): Experiment['confirmation'] {
  const confirm_above = experiment.budget?.confirm_above;
  const asks = confirm_above !== undefined && experiment.confirmed_at === null && experiment.stop_requested_at === null;
  if (!asks || isRunOver(experiment.status) || !isPiloted(experiment)) return null;
  return { ...projectExperiment(experiment), confirm_above };
}

export function toExperiment(row: ExperimentRecord): Experiment {
  const {
    description,
    input_column,
    reference_column,
    group_column,
    prompt,
    system_prompt,
    metrics,
    seed,
    repeats,
    budget,
    recommend,
    time_limit_s,
  } = row;
  return {
    ...toBase(row),
    description,
    seconds: activeSeconds(row, row.run_started_at),
    input_column,
    reference_column,
    group_column,
    prompt,
    system_prompt,
    metrics: metrics.map(describeMetric),
    seed,
    repeats,
    budget,
    recommend: recommend ?? DEFAULT_RULE,
    spent: spentBy(row),
    confirmation: confirmationOf(row),
    time_limit_s,
    stop_requested: row.stop_requested_at !== null,
    workflows: row.workflows.map((workflow) => toWorkflow(workflow, row)),
    comparison: row.jobs[0] ? toJobSummary(row.jobs[0]) : null,
    mlflow_url: row.mlflow_id === null ? null : `/mlflow${experimentUrl(row.mlflow_id)}`,
  };
}

export function toExperimentSummary(row: ListedExperiment): ExperimentSummary {
  const rows = { total: 0, answered: 0, failed: 0, not_run: 0, pending: 0 };
  const metric = describeMetric(row.metric);
  let best: ExperimentSummary['best'] = null;
  for (const workflow of row.workflows) {
    const jobs = currentJobs(workflow);
    const counts = countRows(jobs, answersOf(row, workflow));
    for (const key of Object.keys(rows) as (keyof RowCounts)[]) rows[key] += counts[key];
    const value = mergeMetrics(jobs)[row.primary_metric]?.value ?? null;
    if (value === null) continue;
    const leads = best === null || (value !== best.value && bestValue(metric, [best.value, value]) === value);
    if (leads && metric.direction !== 'none') best = { workflow: workflow.name, value, metric };
  }
  return {
    ...toBase(row),
    workflows: row.workflows.map(({ id, name, position, status }) => ({ id, name, position, status })),
    rows,
    best,
  };
}
