/** What the rows view shows, as it stands in the URL: can be shared and gone back to. */
import {
  bestValue,
  type Experiment,
  type Metric,
  type Row,
  RowFilter,
  type RowPair,
  type RowsInput,
  type Workflow,
} from '@touchstone/schemas';

export const PAGE_SIZE = 50;

export type RowsState = {
  filter: RowFilter;
  search: string;
  offset: number;
  sort: RowsInput['sort'];
  /** The metric whose values stand in the cells. */
  metric: Metric | null;
  /** Two models of whose rows one can ask who was better; null: there are no two, or the metric has no better. */
  pair: RowPair | null;
  /** What the words of answers are compared with: `reference`, or the answer of the workflow with this id. */
  against: string | null;
  /** `row_id` of the row in the drawer. */
  open: number | null;
};

/** Metrics with a value per row that this experiment has, the main one (or its per-row kin) first. */
export function rowMetrics({ metrics, primary_metric }: Pick<Experiment, 'metrics' | 'primary_metric'>): Metric[] {
  const perRow = metrics.filter(({ per_row }) => per_row);
  const isKin = ({ name }: Metric) => name === primary_metric || name === `sentence_${primary_metric}`;
  return [...perRow.filter(isKin), ...perRow.filter((metric) => !isKin(metric))];
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** The pair in the URL, `a.b`; else the two that stand first on the metric, the better one first. */
function readPair(text: string | null, { workflows }: Experiment, metric: Metric | null): RowPair | null {
  if (metric === null || metric.direction === 'none' || workflows.length < 2) return null;
  const [a, b] = text?.split('.') ?? [];
  const isThere = (id: string | undefined) => workflows.some((workflow) => workflow.id === id);
  if (a && b && a !== b && isThere(a) && isThere(b)) return { a, b, metric: metric.name };
  const sign = metric.direction === 'lower' ? 1 : -1;
  const scoreOf = (workflow: Workflow) => workflow.metrics[metric.name]?.value ?? Number.POSITIVE_INFINITY * sign;
  const [first, second] = workflows.toSorted((one, other) => sign * (scoreOf(one) - scoreOf(other)) || 0);
  return { a: first!.id, b: second!.id, metric: metric.name };
}

/** The workflow in the URL, or `reference`; null where the experiment has no such text. */
function readAgainst(text: string | null, { workflows, reference_column }: Experiment): string | null {
  if (text === 'reference') return reference_column === null ? null : text;
  return workflows.find(({ id }) => id === text)?.id ?? null;
}

/** What the answers to a row are compared with; null: nothing, or there is no such text. */
export function baseText(
  { reference, cells }: Pick<Row, 'reference' | 'cells'>,
  against: string | null,
): string | null {
  if (against === null) return null;
  return against === 'reference'
    ? reference
    : (cells.find(({ workflow_id }) => workflow_id === against)?.prediction ?? null);
}

/** Reads the URL; what it names and the experiment does not have is left out. */
export function readRowsState(params: URLSearchParams, experiment: Experiment): RowsState {
  const metrics = rowMetrics(experiment);
  const [workflowId, sortMetric, direction] = (params.get('sort_rows') ?? '').split('.');
  const known =
    experiment.workflows.some(({ id }) => id === workflowId) && metrics.some(({ name }) => name === sortMetric);
  const metric = metrics.find(({ name }) => name === params.get('metric')) ?? metrics[0] ?? null;
  const pair = readPair(params.get('pair'), experiment, metric);
  const filter = RowFilter.safeParse(params.get('filter')).data ?? 'all';
  return {
    filter: pair === null && (filter === 'a_better' || filter === 'b_better') ? 'all' : filter,
    search: (params.get('q') ?? '').slice(0, 500),
    offset: wholeNumber(params.get('offset')) ?? 0,
    sort:
      known && workflowId && sortMetric
        ? { workflow_id: workflowId, metric: sortMetric, descending: direction !== 'asc' }
        : undefined,
    metric,
    pair,
    against: readAgainst(params.get('against'), experiment),
    open: wholeNumber(params.get('row')),
  };
}

/** The next order on a click on a model's column: highest first, lowest first, the sample's order. */
export function nextSort(sort: RowsState['sort'], workflowId: string, metric: string): string | null {
  if (sort?.workflow_id !== workflowId || sort.metric !== metric) return `${workflowId}.${metric}.desc`;
  return sort.descending ? `${workflowId}.${metric}.asc` : null;
}

/** The workflows with the best value in a row; none where all have the same, or where the metric has no direction. */
export function bestInRow(
  cells: readonly { workflow_id: string; metrics: Partial<Record<string, number>> }[],
  metric: Metric,
): Set<string> {
  const scored = cells.flatMap(({ workflow_id, metrics }) => {
    const value = metrics[metric.name];
    return value === undefined ? [] : [{ workflow_id, value }];
  });
  const top = bestValue(
    metric,
    scored.map(({ value }) => value),
  );
  const best = scored.filter(({ value }) => value === top);
  return top === null || best.length === scored.length
    ? new Set()
    : new Set(best.map(({ workflow_id }) => workflow_id));
}
