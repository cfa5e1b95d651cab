import {
  bestValue,
  type Experiment,
  isJudge,
  type Metric,
  type MetricType,
  sharedFamily,
  type Workflow,
} from '@touchstone/schemas';
import {
  formatDollars,
  formatInterval,
  formatMetric,
  formatMilliseconds,
  formatSeconds,
  plural,
} from '../text/numbers.ts';
import type { Style } from '../text/style.ts';
import { type Column, renderTable, tableWidth } from '../text/table.ts';
import { cutText, oneLine } from '../text/width.ts';
import { isOver } from './result.ts';

/** Metrics that give up their place first where the terminal is too narrow. */
const DISPENSABLE: readonly MetricType[] = [
  'length_tokens',
  'length_chars',
  'repetition',
  'number_match',
  'json_schema',
  'regex',
  'contains_all',
  'contains_any',
  'starts_with',
  'contains',
  'sentence_bleu',
  'sentence_chrf',
  'sentence_chrf_pp',
  'sentence_ter',
  'rougeLsum',
  'rouge2',
  'length_words',
  'levenshtein_ratio',
  'contains_reference',
  'exact_match',
  'normalized_match',
  'token_f1',
  'json_valid',
  'rouge1',
  'meteor',
  'rougeL',
  'bleu',
  'chrf',
  'chrf_pp',
  'ter',
];
/** Which way is better. */
const ARROWS = { higher: ' ↑', lower: ' ↓', none: '' } as const;
const MAX_NAME = 32;

/** Models down, the primary metric first, best values marked; then what a reader must know to judge the numbers. */
export function renderComparison(experiment: Experiment, width: number, style: Style): string[] {
  const { shown, hidden } = fitMetrics(experiment, width);
  const { columns, rows } = layOut(experiment, shown, style);
  return [
    ...renderTable(columns, rows, style),
    ...notes(experiment, hidden).map((note) => style.dim(note)),
    ...judgeNotes(experiment, style),
    ...reasons(experiment, style),
  ];
}

/** The primary metric, then the others as they come, as many as fit. */
function fitMetrics(experiment: Experiment, width: number): { shown: Metric[]; hidden: Metric[] } {
  const { primary_metric, metrics } = experiment;
  const isPrimary = ({ name }: Metric) => name === primary_metric;
  let shown = [...metrics.filter(isPrimary), ...metrics.filter((metric) => !isPrimary(metric))];
  const fits = () => {
    const { columns, rows } = layOut(experiment, shown, null);
    return tableWidth(columns, rows) <= width;
  };
  // The last of a type first: of checks there may be many.
  for (const metric of DISPENSABLE.flatMap((type) => shown.filter((one) => one.type === type).reverse())) {
    if (fits()) break;
    if (!isPrimary(metric)) shown = shown.filter((other) => other !== metric);
  }
  return { shown, hidden: metrics.filter((metric) => !shown.includes(metric)) };
}

function layOut(
  experiment: Experiment,
  metrics: readonly Metric[],
  style: Style | null,
): { columns: Column[]; rows: string[][] } {
  const isCostly = experiment.workflows.some(({ cost }) => cost !== null && cost > 0);
  const isStreamed = experiment.workflows.some(({ first_token_ms }) => first_token_ms !== null);
  const right = (title: string): Column => ({ title, align: 'right' });
  const columns = [
    { title: 'Model' },
    ...metrics.map(({ label, direction }) => right(`${label}${ARROWS[direction]}`)),
    ...[
      'Answered',
      'Failed',
      'Not run',
      ...(isCostly ? ['Cost'] : []),
      ...(isStreamed ? ['First token'] : []),
      'p50',
      'p95',
      'Time',
    ].map(right),
  ];
  const best = new Map(metrics.map((metric) => [metric, bestOfColumn(experiment, metric)]));
  const rows = experiment.workflows.map((workflow) => [
    cutText(oneLine(workflow.name), MAX_NAME),
    ...metrics.map((metric) =>
      metricCell(workflow, metric, best.get(metric) ?? null, metric.name === experiment.primary_metric, style),
    ),
    `${workflow.rows.answered}/${workflow.rows.total}`,
    countCell(workflow.rows.failed, style),
    countCell(workflow.rows.not_run, style),
    ...(isCostly ? [formatDollars(workflow.cost)] : []),
    ...(isStreamed ? [formatMilliseconds(workflow.first_token_ms?.p50)] : []),
    formatMilliseconds(workflow.latency_ms?.p50),
    formatMilliseconds(workflow.latency_ms?.p95),
    formatSeconds(workflow.seconds.total),
  ]);
  return { columns, rows };
}

/** The best value as it is printed; null where there is nothing to compare. */
function bestOfColumn({ workflows }: Experiment, metric: Metric): string | null {
  const values = workflows.flatMap((workflow) => workflow.metrics[metric.name]?.value ?? []);
  const best = values.length > 1 ? bestValue(metric, values) : null;
  return best === null ? null : formatMetric(metric, best);
}

function metricCell(
  workflow: Workflow,
  metric: Metric,
  best: string | null,
  withInterval: boolean,
  style: Style | null,
): string {
  const aggregate = workflow.metrics[metric.name];
  if (!aggregate) return '–';
  const value = formatMetric(metric, aggregate.value);
  const isBest = value === best;
  const text = `${value}${withInterval ? formatInterval(metric, aggregate.interval) : ''}${best === null ? '' : isBest ? ' *' : '  '}`;
  return isBest && style ? style.bold(style.green(text)) : text;
}

function countCell(count: number, style: Style | null): string {
  return count > 0 && style ? style.red(String(count)) : String(count);
}

function notes(experiment: Experiment, hidden: readonly Metric[]): string[] {
  const { workflows, primary_metric, metrics } = experiment;
  const { direction } = metrics.find(({ name }) => name === primary_metric)!;
  const primary = workflows.flatMap((workflow) => workflow.metrics[primary_metric] ?? []);
  const lines = [];
  const interval = primary.find((metric) => metric.interval)?.interval;
  const explained = [
    ...(workflows.length > 1 && direction !== 'none' ? ['* best of its column'] : []),
    ...(interval ? [`± half of the ${Math.round(interval.level * 100)} % interval`] : []),
    'p50, p95: time of one call',
  ];
  lines.push(explained.join(' · '));
  const scored = new Set(primary.map((metric) => metric.scored));
  if (scored.size > 1)
    lines.push('The models were not scored on the same rows, since some rows have no answer: compare with care.');
  const { blank_input, blank_reference, rows, available } = experiment.sample;
  const blank = [
    ...(blank_input > 0 ? [`${plural(blank_input, 'row')} with a blank input`] : []),
    ...(blank_reference > 0 ? [`${plural(blank_reference, 'row')} with a blank reference`] : []),
  ];
  lines.push(
    `${plural(rows, 'row')}${rows < available ? `, a random sample of ${available.toLocaleString('en')}` : ''}.${blank.length > 0 ? ` Left out: ${blank.join(', ')}.` : ''}`,
  );
  if (hidden.length > 0)
    lines.push(`No room here for ${hidden.map(({ label }) => label).join(', ')}: see the page, or --json.`);
  return lines;
}

/** What the scores of judges have to be read with: nobody has checked them, what they cost, where they failed. */
function judgeNotes({ metrics, workflows }: Experiment, style: Style): string[] {
  return metrics.filter(isJudge).flatMap((judge) => {
    const { name, model } = judge;
    const judged = workflows.flatMap(({ judging }) => judging.filter(({ metric }) => metric === name));
    const cost = judged.some((one) => one.cost === null) ? null : judged.reduce((sum, one) => sum + one.cost!, 0);
    const errors = workflows.reduce((sum, workflow) => sum + (workflow.metrics[name]?.metric_error ?? 0), 0);
    const alike = workflows.filter((workflow) => sharedFamily(model, workflow.model) !== null);
    const facts = [
      `${name} is a judge's score (${oneLine(model.model)}), not checked`,
      ...(judged.length > 0 && cost !== null && cost > 0 ? [`judging cost ${formatDollars(cost)}`] : []),
      ...(errors > 0 ? [`${plural(errors, 'answer')} without a verdict`] : []),
    ];
    return [
      style.dim(`${facts.join('; ')}.`),
      ...(alike.length > 0
        ? [
            style.yellow(
              `${name} is of one family with ${alike.map((one) => oneLine(one.name)).join(', ')}: judges favour answers like their own.`,
            ),
          ]
        : []),
    ];
  });
}

/** Why a workflow that is over did not answer every row; an error that the reason quotes is not said twice. */
function reasons({ workflows }: Experiment, style: Style): string[] {
  const incomplete = workflows.filter((workflow) => isOver(workflow.status) && workflow.status !== 'succeeded');
  const lines = incomplete.flatMap(({ name, status, reason, errors }) => [
    style.red(`${oneLine(name)} ${status}${reason ? `: ${oneLine(reason)}` : ''}`),
    ...Object.entries(errors)
      .filter(([, { message }]) => !reason?.includes(message))
      .map(([code, { count, message }]) => `  ${count} × ${code}: ${oneLine(message)}`),
  ]);
  return lines.length === 0 ? [] : ['', ...lines];
}
