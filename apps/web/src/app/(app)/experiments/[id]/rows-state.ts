/** What the rows view shows, as it stands in the URL: can be shared and gone back to. */
import {
  bestValue,
  type Experiment,
  METRIC_NAMES,
  METRICS,
  type MetricName,
  RowFilter,
  type RowsInput,
} from '@touchstone/schemas';

export const PAGE_SIZE = 50;

export type RowsState = {
  filter: RowFilter;
  search: string;
  offset: number;
  sort: RowsInput['sort'];
  /** The metric whose values stand in the cells. */
  metric: MetricName | null;
  /** `row_id` of the row in the drawer. */
  open: number | null;
};

/** Metrics with a value per row that this experiment has, the main one (or its per-row kin) first. */
export function rowMetrics({ metrics, primary_metric }: Pick<Experiment, 'metrics' | 'primary_metric'>): MetricName[] {
  const perRow = metrics.filter((metric) => METRICS[metric].per_row);
  const kin = METRICS[primary_metric].per_row ? primary_metric : `sentence_${primary_metric}`;
  return [...perRow.filter((metric) => metric === kin), ...perRow.filter((metric) => metric !== kin)];
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function isMetric(name: string | undefined): name is MetricName {
  return METRIC_NAMES.some((metric) => metric === name);
}

/** Reads the URL; what it names and the experiment does not have is left out. */
export function readRowsState(params: URLSearchParams, experiment: Experiment): RowsState {
  const metrics = rowMetrics(experiment);
  const [workflowId, sortMetric, direction] = (params.get('sort_rows') ?? '').split('.');
  const known = experiment.workflows.some(({ id }) => id === workflowId) && isMetric(sortMetric);
  const filter = RowFilter.safeParse(params.get('filter'));
  return {
    filter: filter.success ? filter.data : 'all',
    search: (params.get('q') ?? '').slice(0, 500),
    offset: wholeNumber(params.get('offset')) ?? 0,
    sort:
      known && workflowId
        ? { workflow_id: workflowId, metric: sortMetric as MetricName, descending: direction !== 'asc' }
        : undefined,
    metric: metrics.find((metric) => metric === params.get('metric')) ?? metrics[0] ?? null,
    open: wholeNumber(params.get('row')),
  };
}

/** The next order on a click on a model's column: highest first, lowest first, the sample's order. */
export function nextSort(sort: RowsState['sort'], workflowId: string, metric: MetricName): string | null {
  if (sort?.workflow_id !== workflowId || sort.metric !== metric) return `${workflowId}.${metric}.desc`;
  return sort.descending ? `${workflowId}.${metric}.asc` : null;
}

/** The workflows with the best value in a row; none where all have the same, or where the metric has no direction. */
export function bestInRow(
  cells: readonly { workflow_id: string; metrics: Partial<Record<MetricName, number>> }[],
  metric: MetricName,
): Set<string> {
  const scored = cells.flatMap(({ workflow_id, metrics }) => {
    const value = metrics[metric];
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
