import {
  AUTOMATIC_SLICES,
  type Interval,
  type Metric,
  type MetricName,
  MOST_SLICES,
  type SliceCell,
  type Slices,
  type SlicesInput,
} from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { z } from 'zod';
import type { Ctx } from '../context.ts';
import { getDatasetRecord } from '../datasets/service.ts';
import { AppError } from '../errors.ts';
import { checkColumn } from '../experiments/rules.ts';
import { isRunOver } from '../experiments/run-status.ts';
import { getExperimentRecord } from '../experiments/service.ts';
import { findRowsSource, meanScores, type RowsSource } from '../rows/source.ts';
import { isBlank, quoteName, quoteText } from '../rows/store.ts';
import { tQuantile } from './student-t.ts';

const LEVEL = 0.95;
/** As in the jobs' groups.py. */
const LEAST_GROUPS = 10;
/** Texts whose language is asked for. */
const MOST_TEXTS = 20_000;

/**
 * How each model does on parts of the rows: value, interval and rows for each slice, by metrics with a value per row. Made on demand out
 * of the accepted scores, since what a person will ask for is not known when the comparison is made; nothing is tested.
 * @throws AppError INVALID where rows cannot be cut by that
 */
export async function getSlices(
  ctx: Ctx,
  { experiment_id, by, metric }: z.output<typeof SlicesInput>,
): Promise<Slices> {
  return ctx.share_read(`comparisons.slices ${experiment_id} ${by} ${metric ?? ''}`, async () => {
    const experiment = await getExperimentRecord(ctx, experiment_id);
    const dataset = await getDatasetRecord(ctx, experiment.dataset_id);
    const columns = dataset.columns.map(({ name }) => name);
    const source = await findRowsSource(ctx, experiment);
    const isAutomatic = (AUTOMATIC_SLICES as readonly string[]).includes(by);
    if (!isAutomatic) checkColumn(columns, by, 'Slices');
    const metrics = chooseMetrics(source, metric);
    const file = await ctx.row_store.localFile(keys.datasetData(dataset.id), dataset.data_sha256);
    const data = `read_parquet(${file}, file_row_number = true)`;
    const cut: Cut = { source, data, input_column: experiment.input_column };
    const rows = await (by === '@input_length'
      ? cutByLength(ctx, cut)
      : by === '@language'
        ? cutByLanguage(ctx, cut)
        : cutByColumn(ctx, cut, by));
    const groups = experiment.group_column === null ? null : { data, column: experiment.group_column };
    const cells = await readCells(ctx, { source, metrics, rows, groups });
    const counted = await ctx.row_store.query<{ place: bigint; value: string; n: bigint }>(
      `SELECT place, value, count(*) AS n FROM (${rows}) GROUP BY place, value ORDER BY place`,
    );
    const own = [experiment.input_column, experiment.reference_column];
    return {
      experiment_id,
      by,
      choices: [...AUTOMATIC_SLICES, ...columns.filter((name) => !own.includes(name))],
      interim: !isRunOver(experiment.status),
      slices: counted.map(({ place, value, n }) => ({
        value,
        rows: Number(n),
        cells: cells.filter((cell) => cell.place === Number(place)).map(({ cell }) => cell),
      })),
    };
  });
}

function chooseMetrics({ metrics }: RowsSource, name: MetricName | undefined): Metric[] {
  const found = metrics.filter((metric) => name === undefined || metric.name === name);
  if (found.length > 0 || name === undefined) return found;
  throw new AppError(
    'INVALID',
    `Rows of this experiment are scored by ${metrics.map((metric) => metric.name).join(', ') || 'no metric'}.`,
  );
}

type Cut = { source: RowsSource; data: string; input_column: string };

/** Each of these makes a relation: position, place (of the slice), value (its name). Rows that are in no slice are left out. */
async function cutByColumn({ row_store }: Ctx, { source, data }: Cut, column: string): Promise<string> {
  const name = quoteName(column);
  const values = `SELECT p.position, CASE WHEN ${isBlank(`d.${name}`)} THEN '(blank)' ELSE d.${name} END AS value
    FROM (${source.places}) p JOIN ${data} d ON d.file_row_number = p.row_id`;
  const [found] = await row_store.query<{ rows: bigint; distinct_values: bigint }>(
    `SELECT count(*) AS rows, count(DISTINCT value) AS distinct_values FROM (${values})`,
  );
  const distinct = Number(found!.distinct_values);
  if (distinct > MOST_SLICES && distinct > Number(found!.rows) / 2) {
    throw new AppError(
      'INVALID',
      `"${column}" has ${distinct.toLocaleString('en')} values in ${Number(found!.rows).toLocaleString('en')} rows: a slice needs rows that have a value in common. Choose a column such as a topic, a source or a language.`,
    );
  }
  const others = `${(distinct - MOST_SLICES).toLocaleString('en')} other values`;
  return `SELECT position, least(place, ${MOST_SLICES}) AS place, CASE WHEN place < ${MOST_SLICES} THEN value ELSE ${quoteText(others)} END AS value
    FROM (${values}) JOIN (SELECT value, row_number() OVER (ORDER BY count(*) DESC, value) - 1 AS place FROM (${values}) GROUP BY value) USING (value)`;
}

/** Quarters of the rows by the length of the input; fewer where many inputs have one length. */
async function cutByLength({ row_store }: Ctx, { source, data, input_column }: Cut): Promise<string> {
  const lengths = `SELECT p.position, length(d.${quoteName(input_column)}) AS characters
    FROM (${source.places}) p JOIN ${data} d ON d.file_row_number = p.row_id`;
  const [found] = await row_store.query<{ ends: number[] | null; longest: bigint | null }>(
    `SELECT quantile_disc(characters, [0.25, 0.5, 0.75])::DOUBLE[] AS ends, max(characters) AS longest FROM (${lengths})`,
  );
  const ends = [...new Set([...(found?.ends ?? []), Number(found?.longest ?? 0)])];
  const number = (value: number) => value.toLocaleString('en');
  const names = ends.map((end, i) =>
    i === 0 ? `up to ${number(end)} characters` : `${number(ends[i - 1]! + 1)} to ${number(end)}`,
  );
  const place = `CASE ${ends.map((end, i) => `WHEN characters <= ${end} THEN ${i}`).join(' ')} END`;
  return `SELECT position, ${place} AS place, [${names.map(quoteText).join(', ')}][${place} + 1] AS value FROM (${lengths})`;
}

/** By the language of the input, where it can be told. */
async function cutByLanguage({ row_store }: Ctx, { source, data, input_column }: Cut): Promise<string> {
  // With the detector come its tables: only who asks for languages has them in memory.
  const { detectLanguage } = await import('../datasets/health/language.ts');
  const texts = await row_store.query<{ position: bigint; head: string | null }>(
    `SELECT p.position, left(d.${quoteName(input_column)}, 1000) AS head
     FROM (${source.places}) p JOIN ${data} d ON d.file_row_number = p.row_id WHERE p.position < ${MOST_TEXTS} ORDER BY position`,
  );
  const names = new Intl.DisplayNames('en', { type: 'language' });
  const found: { position: number; value: string }[] = [];
  for (const [i, { position, head }] of texts.entries()) {
    // Others are served in between.
    if (i % 200 === 199) await new Promise((resolve) => setImmediate(resolve));
    const language = detectLanguage(head ?? '');
    found.push({
      position: Number(position),
      value: language === null ? '(not to be told)' : (names.of(language) ?? language),
    });
  }
  const counts = Map.groupBy(found, ({ value }) => value);
  const places = new Map(
    [...counts].sort(([, a], [, b]) => b.length - a.length).map(([value], place) => [value, place]),
  );
  const lines = found.map(({ position, value }) => `(${position}, ${places.get(value)}, ${quoteText(value)})`);
  return `SELECT * FROM (VALUES ${lines.join(', ')}) v(position, place, value)`;
}

type Found = {
  place: bigint;
  workflow: number;
  n: bigint;
  mean: number;
  error: number | null;
  groups: bigint;
};

async function readCells(
  { row_store }: Ctx,
  {
    source,
    metrics,
    rows,
    groups,
  }: {
    source: RowsSource;
    metrics: readonly Metric[];
    rows: string;
    groups: { data: string; column: string } | null;
  },
): Promise<{ place: number; cell: SliceCell }[]> {
  const cells = await Promise.all(
    metrics.map(async ({ name: metric, yes_or_no }) => {
      const parts = source.workflows.flatMap((workflow, i) => {
        const scores = meanScores(workflow, [metric]);
        return scores
          ? [`SELECT ${i} AS workflow, row_id, position, ${quoteName(metric)} AS score FROM (${scores})`]
          : [];
      });
      if (parts.length === 0) return [];
      const scored = `SELECT s.workflow, s.score, s.row_id, c.place FROM (${parts.join(' UNION ALL ')}) s JOIN (${rows}) c USING (position) WHERE s.score IS NOT NULL`;
      const found = await row_store.query<Found>(groups ? groupedQuery(scored, groups) : plainQuery(scored));
      return found.map((one) => ({
        place: Number(one.place),
        cell: {
          workflow_id: source.workflows[one.workflow]!.id,
          metric,
          n: Number(one.n),
          value: one.mean,
          ...sureness(one, {
            is_share: yes_or_no && groups === null && source.workflows[one.workflow]!.repeats === 1,
            is_grouped: groups !== null,
          }),
        },
      }));
    }),
  );
  return cells.flat();
}

const plainQuery = (scored: string) => `SELECT place, workflow, count(*) AS n, avg(score) AS mean,
  stddev_samp(score) / sqrt(count(*)) AS error, count(*) AS groups FROM (${scored}) GROUP BY place, workflow`;

/** Cluster-robust, as in the jobs' groups.py; a row whose value is blank is a group of its own. */
function groupedQuery(scored: string, { data, column }: { data: string; column: string }): string {
  const name = `d.${quoteName(column)}`;
  const group = `CASE WHEN ${isBlank(name)} THEN 'r' || s.row_id ELSE 'g' || ${name} END`;
  return `SELECT place, workflow, sum(rows) AS n, any_value(mean) AS mean, count(*) AS groups,
      CASE WHEN count(*) > 1 THEN sqrt(count(*) / (count(*) - 1.0) * sum((total - rows * mean) ** 2)) / sum(rows) END AS error
    FROM (SELECT *, sum(total) OVER (PARTITION BY place, workflow) / sum(rows) OVER (PARTITION BY place, workflow) AS mean
      FROM (SELECT s.place, s.workflow, ${group} AS grp, count(*) AS rows, sum(s.score) AS total
        FROM (${scored}) s JOIN ${data} d ON d.file_row_number = s.row_id GROUP BY s.place, s.workflow, grp))
    GROUP BY place, workflow`;
}

/** Standard error and interval of one value: Wilson's for a share, Student's t else; over groups where rows come in some. */
function sureness(
  { n, mean, error, groups }: Found,
  { is_share, is_grouped }: { is_share: boolean; is_grouped: boolean },
): Pick<SliceCell, 'standard_error' | 'interval'> {
  const rows = Number(n);
  const count = Number(groups);
  if (is_share) return { standard_error: error, interval: wilson(Math.round(mean * rows), rows) };
  if (error === null || (is_grouped && count < LEAST_GROUPS)) return { standard_error: null, interval: null };
  const half = tQuantile((1 + LEVEL) / 2, count - 1) * error;
  const method = is_grouped ? `cluster-robust t, ${count} groups` : 'Student t';
  return { standard_error: error, interval: { low: mean - half, high: mean + half, level: LEVEL, method } };
}

/** Of a share (Wilson 1927). */
export function wilson(successes: number, n: number): Interval {
  const z = 1.959963984540054;
  const share = successes / n;
  const center = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  const low = successes === 0 ? 0 : center - half;
  const high = successes === n ? 1 : center + half;
  return { low, high, level: LEVEL, method: 'Wilson score' };
}
