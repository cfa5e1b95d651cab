import {
  betterFirst,
  type Comparison,
  type ExperimentComparison,
  METRICS,
  type Metric,
  metricLabel,
  type PairComparison,
} from '@touchstone/schemas';
import { formatMetric } from '../text/numbers.ts';
import type { Style } from '../text/style.ts';
import { type Column, renderTable } from '../text/table.ts';
import { cutText, oneLine } from '../text/width.ts';

const MAX_NAME = 28;
/** Pairs of more than six models are too many to read here. */
const MOST_PAIRS = 15;

const LABELS = {
  better: 'better than',
  worse: 'worse than',
  no_difference: 'no difference shown',
  equivalent: 'equivalent',
} as const;

/** Which model to use and why, then the pairs on the main metric. Empty while models still run. */
export function renderVerdict(
  { status, reason, comparison, recommendation, workflows }: ExperimentComparison,
  style: Style,
): string[] {
  if (status === 'failed' || status === 'stopped') {
    return [style.red(`The models could not be compared${reason ? `: ${oneLine(reason)}` : '.'}`)];
  }
  if (!recommendation) return [];
  const names = new Map(workflows.map(({ id, name }) => [id, cutText(oneLine(name), MAX_NAME)]));
  const { workflow_id } = recommendation;
  const isOfTheOne = ({ a, b }: PairComparison) => Number(a === workflow_id || b === workflow_id);
  const pairs = (comparison?.pairs ?? [])
    .filter(({ family }) => family === 'primary')
    .sort((x, y) => isOfTheOne(y) - isOfTheOne(x));
  return [
    style.bold(oneLine(recommendation.text)),
    ...recommendation.would_change.map((sentence) => style.dim(`Would change it: ${oneLine(sentence)}`)),
    style.dim(`Rule: ${oneLine(recommendation.rule)}`),
    ...(pairs.length > 0 ? ['', ...renderPairs(pairs, comparison!.metrics, names, style)] : []),
  ];
}

/** Pairs of one metric, at least one. */
export function renderPairs(
  pairs: readonly PairComparison[],
  metrics: Comparison['metrics'],
  names: ReadonlyMap<string, string>,
  style: Style,
): string[] {
  const metric = metrics.find(({ name }) => name === pairs[0]!.metric)!;
  const format = (value: number) => formatDifference(METRICS[metric.type], value);
  const right = (title: string): Column => ({ title, align: 'right' });
  const columns: Column[] = [
    { title: 'Model' },
    { title: metricLabel(metric) },
    { title: 'Against' },
    right('Difference'),
    right('Interval, all pairs'),
    right('Adjusted p'),
    right('Won/equal/lost'),
    right('Rows'),
  ];
  const rows = pairs
    .slice(0, MOST_PAIRS)
    .map(betterFirst)
    .map((pair) => [
      names.get(pair.a) ?? '–',
      pair.label ? LABELS[pair.label] : '–',
      names.get(pair.b) ?? '–',
      pair.difference === null ? '–' : format(pair.difference),
      pair.interval_simultaneous
        ? `${format(pair.interval_simultaneous.low)} to ${format(pair.interval_simultaneous.high)}`
        : '–',
      pair.p_adjusted === null
        ? '–'
        : pair.p_adjusted < 0.0001
          ? '< 0.0001'
          : String(Number(pair.p_adjusted.toPrecision(2))),
      pair.wins === null ? '–' : `${pair.wins}/${pair.ties}/${pair.losses}`,
      String(pair.n),
    ]);
  const more = pairs.length - rows.length;
  return [
    ...renderTable(columns, rows, style),
    ...(more > 0 ? [style.dim(`${more} more pairs: see the page, or --json.`)] : []),
  ];
}

/** Not -0.000. */
const formatDifference = (metric: Pick<Metric, 'range'>, value: number) =>
  formatMetric(metric, value).replace(/^-(?=[0.]+$)/, '');
