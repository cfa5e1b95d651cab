import type { MetricName, Row, RowErrorCode, RowFilter, Rows, RowsInput } from '@touchstone/schemas';
import type { z } from 'zod';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { isRunOver } from '../experiments/run-status.ts';
import { getExperimentRecord } from '../experiments/service.ts';
import { findRowsSource, type RowsSource } from './source.ts';
import { quoteName } from './store.ts';

type Input = z.output<typeof RowsInput>;

/** A page of an experiment's rows with each workflow's answer and scores, while it runs too. */
export async function listRows(ctx: Ctx, input: Input): Promise<Rows> {
  const experiment = await getExperimentRecord(ctx, input.experiment_id);
  const source = await findRowsSource(ctx, experiment);
  if (input.sort && !source.workflows.some(({ id }) => id === input.sort!.workflow_id)) {
    throw new AppError('INVALID', 'The rows cannot be sorted by a workflow that is not in this experiment.');
  }
  const table = joinRows(source);
  const search = input.search.trim().toLowerCase();
  const filters = filterConditions(source);
  const found =
    search === ''
      ? 'true'
      : `contains(lower(concat_ws(chr(10), input, reference, ${source.workflows.map((_, i) => `prediction_${i}`).join(', ')})), $search)`;
  const values = search === '' ? undefined : { search };
  const [counts] = await ctx.row_store.query<Record<RowFilter, bigint>>(
    `${table} SELECT ${Object.entries(filters)
      .map(([name, condition]) => `count(*) FILTER (${condition}) AS ${name}`)
      .join(', ')} FROM joined WHERE ${found}`,
    values,
  );
  const page = await ctx.row_store.query<Record<string, unknown>>(
    `${table} SELECT * FROM joined WHERE ${filters[input.filter]} AND ${found} ORDER BY ${orderBy(source, input.sort)}
     LIMIT ${input.limit} OFFSET ${input.offset}`,
    values,
  );
  const numbers = Object.fromEntries(Object.entries(counts!).map(([name, n]) => [name, Number(n)])) as Record<
    RowFilter,
    number
  >;
  return {
    rows: page.map((row) => toRow(row, source)),
    matching: numbers[input.filter],
    counts: numbers,
    complete: isRunOver(experiment.status),
  };
}

/** One line per sampled row that any workflow has finished; columns `prediction_0`, `metric_0_rougeL`, … by the workflow's place. */
function joinRows({ workflows, sample, metrics }: RowsSource): string {
  const answers = workflows.map((workflow, i) => `a${i} AS (${workflow.answers})`);
  const scores = workflows.flatMap((workflow, i) => (workflow.scores ? [`s${i} AS (${workflow.scores})`] : []));
  const columns = workflows.flatMap((workflow, i) => [
    `a${i}.prediction AS prediction_${i}`,
    `a${i}.error_code AS error_code_${i}`,
    `a${i}.error_message AS error_message_${i}`,
    `a${i}.latency_ms AS latency_ms_${i}`,
    ...metrics.map(
      (name) => `${workflow.scores ? `s${i}.${quoteName(name)}` : 'NULL::DOUBLE'} AS ${metricColumn(i, name)}`,
    ),
  ]);
  const joins = workflows.map(
    (workflow, i) =>
      `LEFT JOIN a${i} ON a${i}.row_id = sample.row_id${workflow.scores ? ` LEFT JOIN s${i} ON s${i}.row_id = sample.row_id` : ''}`,
  );
  return `WITH sample AS (${sample}), ${[...answers, ...scores].join(', ')},
    joined AS (SELECT sample.*, ${columns.join(', ')} FROM sample ${joins.join(' ')})`;
}

const metricColumn = (workflow: number, metric: MetricName) => quoteName(`metric_${workflow}_${metric}`);

function filterConditions({ workflows }: RowsSource): Record<RowFilter, string> {
  const predictions = workflows.map((_, i) => `prediction_${i}`);
  return {
    all: 'true',
    failed: workflows.map((_, i) => `error_code_${i} IS NOT NULL`).join(' OR '),
    disagree: `len(list_distinct([${predictions.join(', ')}])) > 1`,
  };
}

function orderBy({ workflows, metrics }: RowsSource, sort: Input['sort']): string {
  const i = workflows.findIndex(({ id }) => id === sort?.workflow_id);
  if (!sort || i === -1 || !metrics.includes(sort.metric)) return 'position';
  return `${metricColumn(i, sort.metric)} ${sort.descending ? 'DESC' : 'ASC'} NULLS LAST, position`;
}

function toRow(row: Record<string, unknown>, { workflows, metrics }: RowsSource): Row {
  return {
    row_id: Number(row.row_id),
    position: Number(row.position),
    input: row.input as string,
    reference: row.reference as string | null,
    cells: workflows.map(({ id }, i) => ({
      workflow_id: id,
      prediction: row[`prediction_${i}`] as string | null,
      error:
        row[`error_code_${i}`] === null
          ? null
          : {
              code: row[`error_code_${i}`] as RowErrorCode,
              message: (row[`error_message_${i}`] as string | null) ?? '',
            },
      latency_ms: row[`latency_ms_${i}`] as number | null,
      metrics: Object.fromEntries(
        metrics.flatMap((name) => {
          const value = row[`metric_${i}_${name}`];
          return typeof value === 'number' ? [[name, value]] : [];
        }),
      ),
    })),
  };
}
