import {
  describeMetric,
  explainUnknown,
  isBaseline,
  METRICS,
  type MetricName,
  type MetricRef,
  type MetricSettings,
  type ModelSettings,
  promptColumns,
  resolveMetrics,
  workflowNames,
} from '@touchstone/schemas';
import { AppError } from '../errors.ts';
import { explainSettings } from '../metrics/explain-settings.ts';

/** @throws AppError INVALID where there is no such column. */
export function checkColumn(columns: readonly string[], column: string, where: string): void {
  if (!columns.includes(column))
    throw new AppError('INVALID', `${where}: the dataset has no such column. ${explainUnknown(column, columns)}`);
}

/** What an experiment asks of its dataset's columns; the first thing that is missing is told. @throws AppError INVALID */
export function checkColumns(
  columns: readonly string[],
  experiment: {
    input_column: string;
    reference_column: string | null;
    group_column?: string | null;
    prompt: string;
    system_prompt: string | null;
    models: readonly ModelSettings[];
  },
): void {
  const check = (column: string, where: string) => checkColumn(columns, column, where);
  check(experiment.input_column, 'Input column');
  if (experiment.reference_column !== null) check(experiment.reference_column, 'Reference column');
  if (experiment.group_column) check(experiment.group_column, 'Group column');
  const templates: [string, string | null | undefined][] = [
    ['Prompt', experiment.prompt],
    ['System prompt', experiment.system_prompt],
    ...experiment.models.flatMap((model): [string, string | undefined][] => [
      [`Prompt of ${model.name ?? model.model}`, model.prompt],
      [`System prompt of ${model.name ?? model.model}`, model.system_prompt],
    ]),
  ];
  for (const [where, template] of templates) {
    for (const column of promptColumns(template ?? '')) check(column, where);
  }
}

/**
 * The metrics asked for and the main one.
 * @throws AppError INVALID where one needs a reference and there is none, or the main one is not among them.
 */
export function chooseMetrics(
  refs: readonly MetricRef[],
  hasReference: boolean,
  primary: MetricName | undefined,
  preset: MetricName,
): { metrics: MetricSettings[]; primary_metric: MetricName } {
  const metrics = checkMetrics(refs, { reference: hasReference, input: true });
  const names = metrics.map(({ name }) => name);
  if (primary !== undefined && !names.includes(primary)) {
    throw new AppError('INVALID', `The main metric ${primary} is not among the metrics (${names.join(', ')}).`);
  }
  const fallback = names.includes(preset)
    ? preset
    : (metrics.find((metric) => describeMetric(metric).direction !== 'none') ?? metrics[0]!).name;
  return { metrics, primary_metric: primary ?? fallback };
}

/** The metrics that `refs` stand for; `has`: which columns there are. @throws AppError INVALID where one needs a column that is not there, or its settings cannot be used. */
export function checkMetrics(
  refs: readonly MetricRef[],
  has: { reference: boolean; input: boolean },
): MetricSettings[] {
  const metrics = resolveMetrics(refs);
  const described = metrics.map(describeMetric);
  const names = (lacking: { name: string }[]) => lacking.map(({ name }) => name).join(', ');
  const withoutReference = described.filter((metric) => metric.needs_reference && !has.reference);
  if (withoutReference.length > 0) {
    throw new AppError(
      'INVALID',
      `${names(withoutReference)} compare the answer with a reference: choose a reference column, or metrics that need none (${Object.entries(
        METRICS,
      )
        .filter(([, metric]) => !metric.needs_reference)
        .map(([name]) => name)
        .join(', ')}).`,
    );
  }
  const withoutInput = described.filter((metric) => metric.needs_input && !has.input);
  if (withoutInput.length > 0) {
    throw new AppError('INVALID', `${names(withoutInput)} compare the answer with the input: name an input column.`);
  }
  for (const metric of metrics) {
    const problem = explainSettings(metric);
    if (problem !== null) throw new AppError('INVALID', `${metric.name}: ${problem}`);
  }
  return metrics;
}

/** Each workflow's name, unique among these; one that is made up is none of `others`. @throws AppError INVALID where a person gave one twice. */
export function nameWorkflows(models: readonly ModelSettings[], others: readonly string[] = []): string[] {
  const given = models.flatMap((model) => (model.name === undefined ? [] : [model.name]));
  const twice = given.find((name, i) => given.indexOf(name) !== i);
  if (twice !== undefined)
    throw new AppError('INVALID', `Two models are named "${twice}": names are unique in an experiment.`);
  return workflowNames(models, others);
}

/** The secrets that the models name, each once. */
export function secretNames(models: readonly ModelSettings[]): string[] {
  return [...new Set(models.flatMap((model) => (isBaseline(model.model) || !model.secret ? [] : [model.secret])))];
}
