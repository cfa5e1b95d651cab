import type { NewStandaloneJob } from '@touchstone/db';
import type {
  Generation,
  JobKind,
  JobSpec,
  MetricAggregates,
  MetricName,
  MetricSettings,
  ModelSettings,
  Params,
  RunStatus,
  Task,
} from '@touchstone/schemas';

/** What the outbox tells MLflow. Whatever may change until it is sent is in here, not looked up then. */
export type TrackingEvent =
  | { type: 'experiment'; name: string; tags: Record<string, string> }
  | { type: 'workflow'; workflow_id: string; name: string; params: Record<string, string> }
  | { type: 'standalone_job'; job_id: string; kind: JobKind; params: Record<string, string> }
  | { type: 'job'; workflow_id: string | null; job_id: string; kind: JobKind; attempt: number; ray_job_id: string }
  | {
      type: 'job_over';
      /** Null: it is in none. */
      workflow_id: string | null;
      job_id: string;
      kind: JobKind;
      status: 'FINISHED' | 'FAILED' | 'KILLED';
      metrics: Record<string, number>;
      tags: Record<string, string>;
    }
  | {
      type: 'workflow_over';
      workflow_id: string;
      status: 'FINISHED' | 'FAILED' | 'KILLED';
      metrics: Record<string, number>;
      tags: Record<string, string>;
    }
  | { type: 'verdict'; job_id: string; tags: Record<string, string> }
  | { type: 'workflow_deleted'; workflow_id: string }
  | { type: 'experiment_deleted' };

type NewExperiment = {
  id: string;
  name: string;
  task: Task;
  input_column: string;
  reference_column: string | null;
  prompt: string;
  system_prompt: string | null;
  metrics: MetricSettings[];
  primary_metric: MetricName;
  seed: number;
  repeats: number;
  sample: { rows: number; sha256: string };
};

type NewWorkflow = { id: string; name: string; model: ModelSettings };

/** The experiment and a parent run for each workflow. */
export function experimentEvents(
  experiment: NewExperiment,
  datasetName: string,
  workflows: readonly NewWorkflow[],
): TrackingEvent[] {
  return [experimentEvent(experiment, datasetName), ...workflowEvents(experiment, datasetName, workflows)];
}

/** Also tells of another name. A deleted experiment's name stays taken in MLflow, hence the short id. */
export function experimentEvent({ id, name }: { id: string; name: string }, datasetName: string): TrackingEvent {
  return {
    type: 'experiment',
    name: `${name} · ${id.slice(0, 8)}`,
    tags: { 'touchstone.dataset': datasetName },
  };
}

/** A parent run for each. */
export function workflowEvents(
  experiment: NewExperiment,
  datasetName: string,
  workflows: readonly NewWorkflow[],
): TrackingEvent[] {
  const common = {
    dataset: datasetName,
    task: typeof experiment.task === 'string' ? experiment.task : JSON.stringify(experiment.task),
    input_column: experiment.input_column,
    reference_column: experiment.reference_column ?? '',
    metrics: experiment.metrics.map(({ name }) => name).join(','),
    primary_metric: experiment.primary_metric,
    rows: String(experiment.sample.rows),
    seed: String(experiment.seed),
    repeats: String(experiment.repeats),
    sample_sha256: experiment.sample.sha256,
  };
  return workflows.map(({ id, name, model }) => ({
    type: 'workflow',
    workflow_id: id,
    name,
    params: {
      ...common,
      model: model.model,
      base_url: model.base_url ?? '',
      prompt: model.prompt ?? experiment.prompt,
      system_prompt: model.system_prompt ?? experiment.system_prompt ?? '',
      ...paramsOf('param', model.params ?? {}),
      ...paramsOf('generation', model.generation ?? {}),
      ...(model.revision !== undefined && { revision: model.revision }),
    },
  }));
}

/** A job that is in no experiment: in MLflow it has an experiment of its own, with one run. */
export function standaloneEvents(
  {
    id,
    name,
    kind,
    seed,
    sample,
    spec,
  }: Pick<NewStandaloneJob, 'id' | 'name' | 'kind' | 'sample' | 'spec'> & { seed?: number | undefined },
  datasetName: string,
): TrackingEvent[] {
  const params = {
    dataset: datasetName,
    rows: String(sample.rows),
    ...(seed !== undefined && { seed: String(seed) }),
    sample_sha256: sample.sha256,
    ...specParams(spec),
  };
  return [
    { type: 'experiment', name: `${name} · ${id.slice(0, 8)}`, tags: { 'touchstone.dataset': datasetName } },
    { type: 'standalone_job', job_id: id, kind, params },
  ];
}

function specParams(spec: JobSpec): Record<string, string> {
  if (spec.kind === 'comparison') {
    return {
      evaluations: spec.workflows.map(({ workflow_id }) => workflow_id).join(','),
      metrics: spec.metrics.map(({ name }) => name).join(','),
      primary_metric: spec.primary_metric,
    };
  }
  const columns = { input_column: spec.input_column ?? '', reference_column: spec.reference_column ?? '' };
  if (spec.kind === 'evaluation') {
    return {
      ...columns,
      prediction_column: spec.prediction_column ?? '',
      metrics: spec.metrics.map(({ name }) => name).join(','),
    };
  }
  return {
    ...columns,
    task: typeof spec.task === 'string' ? spec.task : JSON.stringify(spec.task),
    model: spec.model.model,
    base_url: 'base_url' in spec.model ? spec.model.base_url : '',
    prompt: spec.prompt,
    system_prompt: spec.system_prompt ?? '',
    ...('params' in spec.model ? paramsOf('param', spec.model.params) : {}),
    ...('generation' in spec.model ? paramsOf('generation', spec.model.generation) : {}),
  };
}

const paramsOf = (prefix: string, params: Params | Generation) =>
  Object.fromEntries(Object.entries(params).map(([key, value]) => [`${prefix}.${key}`, String(value)]));

/** Each metric's value, and how sure it is: `rougeL` and `rougeL_standard_error`. */
export function scoreMetrics(aggregates: MetricAggregates): Record<string, number> {
  const known = Object.entries(aggregates).flatMap(([name, { value, standard_error }]): [string, number | null][] => [
    [name, value],
    [`${name}_standard_error`, standard_error],
  ]);
  return Object.fromEntries(known.filter((entry): entry is [string, number] => entry[1] !== null));
}

/** How MLflow names the end of a run. */
export function mlflowStatus(status: RunStatus): 'FINISHED' | 'FAILED' | 'KILLED' {
  if (status === 'failed') return 'FAILED';
  return status === 'stopped' ? 'KILLED' : 'FINISHED';
}
