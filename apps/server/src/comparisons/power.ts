import { type Db, findComparisonsOn } from '@touchstone/db';
import type { Metric, PairComparison, PowerEstimate } from '@touchstone/schemas';
import { tQuantile } from './student-t.ts';
import { formatValue } from './words.ts';

/** Of every family of labels, and of finding a difference that is there: as in the jobs' contrast.py. */
const ALPHA = 0.05;
const POWER = 0.8;

export type Design = {
  /** Standard deviation of the rows' differences between two models, in the metric's unit. */
  spread: number;
  /** That are tested together. */
  pairs: number;
};

/**
 * The smallest true difference that so many rows find in 80 % of cases, at the level that labels of so many pairs have; null below two
 * rows. By Student's t (Cohen 1988), which is within 1 % of the exact power from 20 rows on.
 */
export function detectableBy(rows: number, { spread, pairs }: Design): number | null {
  if (rows < 2) return null;
  const df = rows - 1;
  return (spread / Math.sqrt(rows)) * (tQuantile(1 - ALPHA / pairs / 2, df) + tQuantile(POWER, df));
}

/** The fewest rows that find a difference of `delta` in 80 % of cases. */
export function rowsFor(delta: number, design: Design): number {
  const isEnough = (rows: number) => detectableBy(rows, design)! <= delta;
  let high = 2;
  while (!isEnough(high)) high *= 2;
  let low = high / 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Earlier experiments on a dataset that are looked at for one that was scored by the metric. */
const EARLIER = 5;

type Assumption = { spread: number; source: string };

/** What an experiment would be able to show, before it runs. Null: the metric has no better end, or there is nothing to compare. */
export async function estimatePower(
  db: Db,
  {
    dataset_id,
    metric,
    rows,
    models,
    delta = metric.delta,
  }: {
    dataset_id: string;
    metric: Metric;
    rows: number;
    models: number;
    /** Left out: the metric's own. */
    delta?: number | null | undefined;
  },
): Promise<PowerEstimate | null> {
  if (metric.direction === 'none' || models < 2 || !delta) return null;
  const { spread, source } = (await findSpread(db, dataset_id, metric)) ?? assumeSpread(metric);
  const design: Design = { spread, pairs: (models * (models - 1)) / 2 };
  const detectable = detectableBy(rows, design);
  const rows_needed = rowsFor(delta, design);
  const text = sayPower({ metric, rows, delta, detectable, rows_needed }, { spread, source });
  return { metric: metric.name, rows, pairs: design.pairs, delta, spread, detectable, rows_needed, text };
}

function sayPower(
  {
    metric,
    rows,
    delta,
    detectable,
    rows_needed,
  }: Omit<PowerEstimate, 'metric' | 'pairs' | 'spread' | 'text'> & { metric: Metric },
  { spread, source }: Assumption,
): string {
  const { label } = metric;
  const number = (count: number) => count.toLocaleString('en-US');
  const assumed = `(assumed spread ${formatValue(spread)}: ${source})`;
  if (detectable === null)
    return `One row shows no difference: ${number(rows_needed)} would be needed for one of ${formatValue(delta)} ${label} ${assumed}.`;
  const found = `With ${number(rows)} rows a difference of ${formatValue(detectable)} ${label} would be found in 80 % of cases ${assumed}.`;
  return rows_needed > rows
    ? `${found} For one of ${formatValue(delta)}, the smallest worth acting on, ${number(rows_needed)} rows would be needed.`
    : found;
}

/** By the newest experiment on the dataset, whichever version, that compared models by the metric: the median of its pairs. */
async function findSpread(db: Db, dataset_id: string, metric: Metric): Promise<Assumption | null> {
  for (const { metrics, pairs } of await findComparisonsOn(db, dataset_id, EARLIER)) {
    // A check of this name may look for something else there.
    if (metrics.find(({ name }) => name === metric.name)?.type !== metric.type) continue;
    const spreads = pairs.flatMap((pair) => (pair.metric === metric.name ? (spreadOf(pair) ?? []) : []));
    if (spreads.length === 0) continue;
    const sorted = spreads.toSorted((a, b) => a - b);
    return { spread: sorted[Math.floor(sorted.length / 2)]!, source: 'from your last experiment on this dataset' };
  }
  return null;
}

/** A comparison of before there was `spread` has the effect size, which is the difference over it. */
function spreadOf({ spread, difference, effect_size }: PairComparison): number | null {
  return spread ?? (difference && effect_size ? Math.abs(difference / effect_size) : null);
}

/**
 * Where nothing is known: scores of two models on a row are seldom farther apart than a seventh of the range; of answers that are right
 * or wrong, a quarter are right in one model alone.
 */
function assumeSpread(metric: Metric): Assumption {
  const { yes_or_no, range } = metric;
  return {
    spread: yes_or_no ? 0.5 : 0.15 * (range[1] ?? 100),
    source: 'a rule of thumb, for there is no experiment on this dataset yet',
  };
}
