import {
  isJudge,
  type Metric,
  type MetricName,
  type Row,
  type RowAnswer,
  type RowErrorCode,
  type RowFilter,
  type RowFilterCounts,
  type RowFilterCountsInput,
  type RowPair,
  type Rows,
  type RowsInput,
} from '@touchstone/schemas';
import type { z } from 'zod';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { isRunOver } from '../experiments/run-status.ts';
import { getExperimentRecord } from '../experiments/service.ts';
import {
  answerColumns,
  findRowsSource,
  firstAnswers,
  joinScores,
  meanScores,
  type Place,
  type RowsSource,
  restrictTo,
  VERDICT_PARTS,
  verdictKey,
} from './source.ts';
import { quoteName } from './store.ts';

type Input = z.output<typeof RowsInput>;

/** A page of an experiment's rows with each workflow's answer and scores, while it runs too. */
export async function listRows(ctx: Ctx, input: Input): Promise<Rows> {
  const experiment = await getExperimentRecord(ctx, input.experiment_id);
  const source = await findRowsSource(ctx, experiment);
  if (input.sort && !source.workflows.some(({ id }) => id === input.sort!.workflow_id)) {
    throw new AppError('INVALID', 'The rows cannot be sorted by a workflow that is not in this experiment.');
  }
  checkPair(source, input);
  const page = await readPage(ctx, source, input, experiment.sample.rows);
  return { ...page, complete: isRunOver(experiment.status) };
}

/** A page of the rows of whatever the source is of; `sampled`: how many there are in all. */
export async function readPage(
  ctx: Ctx,
  source: RowsSource,
  input: Omit<Input, 'experiment_id'>,
  sampled: number,
): Promise<Omit<Rows, 'complete'>> {
  const { places, matching } = await findPlaces(ctx, source, input, sampled);
  return { rows: await readRows(ctx, source, places), matching };
}

/** How many rows each filter lets through, of those that the search finds. */
export async function countByFilter(
  ctx: Ctx,
  { experiment_id, search, pair }: z.output<typeof RowFilterCountsInput>,
): Promise<RowFilterCounts> {
  const source = await findRowsSource(ctx, await getExperimentRecord(ctx, experiment_id));
  checkPair(source, { pair });
  const { condition, values } = searchCondition(source, search);
  const [counts] = await ctx.row_store.query<Record<RowFilter, bigint>>(
    `${joinRows(withScoresOf(source, pair), values !== undefined)} SELECT ${Object.entries(
      filterConditions(source, pair),
    )
      .map(([name, filter]) => `count(*) FILTER (${filter}) AS ${name}`)
      .join(', ')} FROM joined WHERE ${condition}`,
    values,
  );
  return Object.fromEntries(Object.entries(counts!).map(([name, n]) => [name, Number(n)])) as RowFilterCounts;
}

/** Which rows a page shows, and of how many: read out of the columns that filter, search and order go by, and no others. */
async function findPlaces(
  { row_store }: Ctx,
  source: RowsSource,
  { filter, pair, search, sort, limit, offset }: Omit<Input, 'experiment_id'>,
  sampled: number,
): Promise<{ places: Place[]; matching: number }> {
  const { condition, values } = searchCondition(source, search);
  const toPlace = (row: { row_id: bigint; position: bigint }) => ({
    row_id: Number(row.row_id),
    position: Number(row.position),
  });
  const sorted = source.workflows.find(({ id }) => id === sort?.workflow_id);
  const scores = sorted ? meanScores(sorted, [sort!.metric]) : null;
  const metric = scores === null ? null : quoteName(sort!.metric);
  const order = metric ? `${metric} ${sort!.descending ? 'DESC' : 'ASC'} NULLS LAST, position` : 'position';
  if (filter === 'all' && values === undefined) {
    const page = metric
      ? `(${scores}) ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}`
      : `(${source.places}) WHERE position >= ${offset} AND position < ${offset + limit} ORDER BY position`;
    const rows = await row_store.query<{ row_id: bigint; position: bigint }>(`SELECT row_id, position FROM ${page}`);
    return { places: rows.map(toPlace), matching: sampled };
  }
  const rows = await row_store.query<{ matching: bigint; row_id: bigint | null; position: bigint | null }>(
    `${joinRows(withScoresOf(source, pair), values !== undefined)},
     found AS MATERIALIZED (SELECT row_id, position FROM joined WHERE (${filterConditions(source, pair)[filter]}) AND ${condition}),
     page AS (SELECT row_id, position, row_number() OVER (ORDER BY ${order}) AS place
       FROM found ${metric ? `LEFT JOIN (SELECT position, ${metric} FROM (${scores})) USING (position)` : ''}
       ORDER BY place LIMIT ${limit} OFFSET ${offset})
     SELECT matching, row_id, position FROM (SELECT count(*) AS matching FROM found) LEFT JOIN page ON true ORDER BY place`,
    values,
  );
  return {
    places: rows.flatMap(({ row_id, position }) => (row_id === null ? [] : [toPlace({ row_id, position: position! })])),
    matching: Number(rows[0]!.matching),
  };
}

/** Everything that is known of some rows, in the order in which they are given. */
async function readRows({ row_store }: Ctx, source: RowsSource, places: readonly Place[]): Promise<Row[]> {
  if (places.length === 0) return [];
  const restricted = restrictTo(source, places);
  const repeats = repeatsQuery(restricted);
  const [found, repeated] = await Promise.all([
    row_store.query<Record<string, unknown>>(`${joinRows(restricted, true)} SELECT * FROM joined`),
    repeats === null ? [] : row_store.query<Record<string, unknown>>(repeats),
  ]);
  const rows = new Map(found.map((row) => [Number(row.row_id), toRow(row, source)]));
  for (const answer of repeated) {
    rows.get(Number(answer.row_id))!.cells[Number(answer.place)]!.repeats.push(
      toAnswer(
        (name) => answer[name],
        (metric) => answer[metricKey(0, metric)],
        source.metrics,
      ),
    );
  }
  return places.map(({ row_id }) => rows.get(row_id)!);
}

/** Every answer of the workflows that give several to a row; null: none does. */
function repeatsQuery({ workflows, metrics }: RowsSource): string | null {
  const names = metrics.map(({ name }) => name);
  const judges = metrics.filter(isJudge).map(({ name }) => name);
  const parts = workflows.flatMap((workflow, place) => {
    const { repeats, answers } = workflow;
    if (repeats === 1) return [];
    const scores = joinScores(workflow, names, judges);
    const values = scoreColumns({ names, judges }, 0, scores && 's', scores && 's');
    const columns = [
      `${place} AS place`,
      'a.row_id',
      'a.repeat',
      ...answerColumns.map((name) => `a.${name}`),
      ...values,
    ];
    return [
      `SELECT ${columns.join(', ')} FROM (${answers}) a ${scores ? `LEFT JOIN (${scores}) s USING (row_id, repeat)` : ''}`,
    ];
  });
  return parts.length === 0 ? null : `SELECT * FROM (${parts.join(' UNION ALL ')}) ORDER BY repeat`;
}

/** With no other scores than a pair is told apart by. */
const withScoresOf = (source: RowsSource, pair: RowPair | undefined): RowsSource => ({
  ...source,
  workflows: source.workflows.map((workflow) =>
    workflow.id === pair?.a || workflow.id === pair?.b ? workflow : { ...workflow, scores: [] },
  ),
  metrics: source.metrics.filter(({ name }) => name === pair?.metric),
});

/** @throws AppError INVALID */
function checkPair(
  { workflows, metrics }: RowsSource,
  { filter, pair }: Partial<Pick<Input, 'filter' | 'pair'>>,
): void {
  if (!pair) {
    if (filter !== 'a_better' && filter !== 'b_better') return;
    throw new AppError('INVALID', `For the filter ${filter}, say which two workflows and which metric: pair.`);
  }
  const isThere = (id: string) => workflows.some((workflow) => workflow.id === id);
  if (!isThere(pair.a) || !isThere(pair.b) || pair.a === pair.b) {
    throw new AppError('INVALID', 'A pair is two workflows of this experiment.');
  }
  const known = metrics.filter(({ direction }) => direction !== 'none').map(({ name }) => name);
  if (!known.includes(pair.metric)) {
    throw new AppError('INVALID', `Rows of this experiment are better or worse by ${known.join(', ') || 'no metric'}.`);
  }
}

/** Upper and lower case alike, in input, reference and predictions; without a text, what is always true, and no values. */
function searchCondition(
  { workflows }: RowsSource,
  search: string,
): { condition: string; values?: { search: string } } {
  const text = search.trim().toLowerCase();
  if (text === '') return { condition: 'true' };
  const predictions = workflows.map((_, i) => `prediction_${i}`).join(', ');
  return {
    condition: `contains(lower(concat_ws(chr(10), input, reference, ${predictions})), $search)`,
    values: { search: text },
  };
}

/**
 * One line per sampled row; columns `prediction_0`, `metric_0_rougeL`, … by the workflow's place. Input and reference only where
 * `withTexts` asks for them.
 */
function joinRows({ workflows, places, sample, metrics }: RowsSource, withTexts: boolean): string {
  const answers = workflows.map((workflow, i) => `a${i} AS (${firstAnswers(workflow)})`);
  const names = metrics.map(({ name }) => name);
  const judges = metrics.filter(isJudge).map(({ name }) => name);
  const scores = workflows.map((workflow) => meanScores(workflow, names, judges));
  const scored = scores.flatMap((lines, i) => (lines === null ? [] : [`s${i} AS (${lines})`]));
  const columns = workflows.flatMap((workflow, i) => [
    ...answerColumns.map((name) => `a${i}.${name} AS ${name}_${i}`),
    ...scoreColumns({ names, judges }, i, scores[i] && `s${i}`, scores[i] && workflow.repeats === 1 ? `s${i}` : null),
  ]);
  const joins = workflows.map(
    (_, i) =>
      `LEFT JOIN a${i} ON a${i}.row_id = sample.row_id${scores[i] ? ` LEFT JOIN s${i} ON s${i}.row_id = sample.row_id` : ''}`,
  );
  return `WITH sample AS (${withTexts ? sample : places}), ${[...answers, ...scored].join(', ')},
    joined AS (SELECT sample.*, ${columns.join(', ')} FROM sample ${joins.join(' ')})`;
}

/** `scores`, `verdicts`: the relations that have them; null: none does. The mean of several answers has no verdict. */
function scoreColumns(
  { names, judges }: { names: readonly MetricName[]; judges: readonly MetricName[] },
  workflow: number,
  scores: string | null | undefined,
  verdicts: string | null | undefined,
): string[] {
  const column = (relation: string | null | undefined, name: string, sql: string) =>
    `${relation ? `${relation}.${quoteName(name)}` : `NULL::${sql}`} AS ${quoteName(metricKey(workflow, name))}`;
  return names.flatMap((name) => [
    column(scores, name, 'DOUBLE'),
    ...(judges.includes(name) ? VERDICT_PARTS : []).map((part) => column(verdicts, verdictKey(name, part), 'VARCHAR')),
  ]);
}

const metricKey = (workflow: number, metric: MetricName) => `metric_${workflow}_${metric}`;

function filterConditions({ workflows, metrics }: RowsSource, pair: RowPair | undefined): Record<RowFilter, string> {
  const score = (id: string) =>
    quoteName(
      metricKey(
        workflows.findIndex((one) => one.id === id),
        pair!.metric,
      ),
    );
  const direction = metrics.find(({ name }) => name === pair?.metric)?.direction;
  const isBetter = (one: string, other: string) =>
    `coalesce(${score(one)} ${direction === 'lower' ? '<' : '>'} ${score(other)}, false)`;
  const predictions = workflows.map((_, i) => `prediction_${i}`);
  return {
    all: 'true',
    failed: workflows
      .map(({ repeats, answers }, i) =>
        repeats === 1
          ? `error_code_${i} IS NOT NULL`
          : `row_id IN (SELECT row_id FROM (${answers}) WHERE error_code IS NOT NULL)`,
      )
      .join(' OR '),
    disagree: `len(list_distinct([${predictions.join(', ')}])) > 1`,
    a_better: pair ? isBetter(pair.a, pair.b) : 'false',
    b_better: pair ? isBetter(pair.b, pair.a) : 'false',
  };
}

/** DuckDB's whole numbers may be bigints. */
const toNumber = (value: unknown): number | null =>
  value === null || value === undefined ? null : Number(value as bigint | number);

function toRow(row: Record<string, unknown>, { workflows, metrics }: RowsSource): Row {
  return {
    row_id: Number(row.row_id),
    position: Number(row.position),
    input: row.input as string,
    reference: row.reference as string | null,
    cells: workflows.map(({ id }, i) => ({
      workflow_id: id,
      ...toAnswer(
        (name) => row[`${name}_${i}`],
        (metric) => row[metricKey(i, metric)],
        metrics,
      ),
      repeats: [],
    })),
  };
}

/** One answer: what is known of it, and its scores. */
function toAnswer(
  value: (name: (typeof answerColumns)[number]) => unknown,
  scoreOf: (column: string) => unknown,
  metrics: readonly Metric[],
): RowAnswer {
  const code = value('error_code') as RowErrorCode | null;
  return {
    prediction: value('prediction') as string | null,
    error: code === null ? null : { code, message: (value('error_message') as string | null) ?? '' },
    reasoning: value('reasoning') as string | null,
    finish_reason: value('finish_reason') as string | null,
    truncated: value('truncated') as boolean | null,
    latency_ms: value('latency_ms') as number | null,
    first_token_ms: value('first_token_ms') as number | null,
    prompt_tokens: toNumber(value('prompt_tokens')),
    completion_tokens: toNumber(value('completion_tokens')),
    reasoning_tokens: toNumber(value('reasoning_tokens')),
    cost: value('cost') as number | null,
    calls: value('calls') as number | null,
    metrics: Object.fromEntries(
      metrics.flatMap(({ name }) => {
        const score = scoreOf(name);
        return typeof score === 'number' ? [[name, score]] : [];
      }),
    ),
    verdicts: Object.fromEntries(
      metrics.filter(isJudge).flatMap(({ name }) => {
        const [reason, error] = VERDICT_PARTS.map((part) => (scoreOf(verdictKey(name, part)) as string | null) ?? null);
        return reason === null && error === null ? [] : [[name, { reason: reason!, error: error! }]];
      }),
    ),
  };
}
