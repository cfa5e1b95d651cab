import type { Experiment, Metric, Slices } from '@touchstone/schemas';
import { formatMetric } from '../text/numbers.ts';
import type { Style } from '../text/style.ts';
import { type Column, renderTable } from '../text/table.ts';
import { cutText, oneLine } from '../text/width.ts';

const MAX_NAME = 28;

/** Slices down, models across, by one metric. */
export function renderSlices(
  { slices, interim }: Slices,
  { workflows }: Pick<Experiment, 'workflows'>,
  metric: Metric,
  style: Style,
): string[] {
  const columns: Column[] = [
    { title: 'Slice' },
    { title: 'Rows', align: 'right' },
    ...workflows.map(({ name }): Column => ({ title: cutText(oneLine(name), MAX_NAME), align: 'right' })),
  ];
  const rows = slices.map(({ value, rows: count, cells }) => [
    cutText(oneLine(value), MAX_NAME * 2),
    count.toLocaleString('en'),
    ...workflows.map(({ id }) => {
      const cell = cells.find((one) => one.workflow_id === id);
      if (!cell) return '–';
      const ends = cell.interval
        ? ` (${formatMetric(metric, cell.interval.low)} to ${formatMetric(metric, cell.interval.high)})`
        : '';
      return `${formatMetric(metric, cell.value)}${ends}${cell.n < count ? `, ${cell.n} scored` : ''}`;
    }),
  ]);
  return [
    `Exploratory: ${metric.label} by slice${interim ? ', interim' : ''}`,
    '',
    ...renderTable(columns, rows, style),
    '',
    style.dim('Each value with its own 95 % interval; nothing is tested, and of many slices one stands out by chance.'),
  ];
}
