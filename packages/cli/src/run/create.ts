import {
  type Dataset,
  DEFAULT_REFERENCE_COLUMN,
  type ExperimentConfig,
  type ExperimentCreate,
  explainUnknown,
  METRICS,
  type MetricRef,
  resolveMetrics,
  taskPreset,
} from '@touchstone/schemas';
import { BadInput } from '../failure.ts';

/** What the server is asked to create. @throws BadInput where the dataset lacks a column that the config names */
export function toExperimentCreate(config: ExperimentConfig, dataset: Dataset, request_id: string): ExperimentCreate {
  const columns = dataset.columns.map((column) => column.name);
  const input_column = checkColumn('input', config.dataset.input, dataset.name, columns);
  const { group } = config.dataset;
  const group_column = group ? checkColumn('group', group, dataset.name, columns) : undefined;
  const reference_column = chooseReference(config.dataset.reference, dataset.name, columns);
  return {
    request_id,
    name: config.name,
    description: config.description,
    dataset_id: dataset.id,
    input_column,
    reference_column,
    group_column,
    task: config.task,
    prompt: config.prompt,
    system_prompt: config.system_prompt,
    models: config.models,
    metrics: config.metrics ?? presetMetrics(config, input_column, reference_column !== null),
    primary_metric: config.primary_metric,
    rows: config.rows,
    seed: config.seed,
    repeats: config.repeats,
    budget: config.budget,
    recommend: config.recommend,
    time_limit_s: config.time_limit_s,
  };
}

function chooseReference(
  reference: string | null | undefined,
  dataset: string,
  columns: readonly string[],
): string | null {
  if (reference === undefined) return columns.includes(DEFAULT_REFERENCE_COLUMN) ? DEFAULT_REFERENCE_COLUMN : null;
  return reference === null ? null : checkColumn('reference', reference, dataset, columns);
}

function checkColumn(
  role: 'input' | 'reference' | 'group',
  name: string,
  dataset: string,
  columns: readonly string[],
): string {
  if (columns.includes(name)) return name;
  throw new BadInput(
    `dataset.${role}: the dataset "${dataset}" has no column "${name}". ${explainUnknown(name, columns)} Its columns: ${columns.join(', ')}.`,
  );
}

/** The metrics a task starts with; without references, those that need none. */
function presetMetrics(config: ExperimentConfig, inputColumn: string, hasReference: boolean): MetricRef[] {
  const preset = taskPreset(config.task, inputColumn).metrics;
  return hasReference ? preset : resolveMetrics(preset).filter(({ type }) => !METRICS[type].needs_reference);
}
