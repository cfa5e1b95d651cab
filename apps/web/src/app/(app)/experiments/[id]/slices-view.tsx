'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Experiment, Metric, Slices } from '@touchstone/schemas';
import { EmptyState } from '@/components/empty-state.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { Select } from '@/components/select.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { cx } from '@/lib/cx.ts';
import { exact, formatCount, formatScore, NONE } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { useUrlParams } from '@/lib/use-url-params.ts';
import { ModelName } from '../model-name.tsx';
import { readRowsState, rowMetrics } from './rows-state.ts';

const DEFAULT_CUT = '@input_length';
const AUTOMATIC_LABELS: Record<string, string> = {
  '@input_length': 'Length of the input',
  '@language': 'Language of the input',
};

/** How the models do on parts of the rows, by a column or by what the inputs are like. */
export function SlicesView({ experiment }: { experiment: Experiment }) {
  const [params] = useUrlParams();
  const { metric } = readRowsState(params, experiment);
  if (metric === null) {
    return (
      <EmptyState title="No metric is scored row by row">
        Slices need a value for each row; the metrics of this experiment are computed over all rows together.
      </EmptyState>
    );
  }
  return <SlicesBy experiment={experiment} metric={metric} />;
}

function SlicesBy({ experiment, metric }: { experiment: Experiment; metric: Metric }) {
  const trpc = useTRPC();
  const [params, change] = useUrlParams();
  const by = params.get('by') ?? DEFAULT_CUT;
  const metrics = rowMetrics(experiment);
  const query = useQuery(
    trpc.comparisons.slices.queryOptions(
      { experiment_id: experiment.id, by, metric: metric.name },
      { placeholderData: keepPreviousData, retry: false },
    ),
  );
  const choices = query.data?.choices ?? [...new Set([DEFAULT_CUT, by])];
  return (
    <section aria-labelledby="slices" className="space-y-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h2 id="slices" className="font-semibold">
          Exploratory: slices
        </h2>
        <Select
          aria-label="Rows by"
          className="w-60"
          value={by}
          options={choices.map((choice) => ({ value: choice, label: AUTOMATIC_LABELS[choice] ?? choice }))}
          onChange={(choice) => change({ by: choice === DEFAULT_CUT ? null : choice })}
        />
        <Select
          aria-label="Metric"
          className="w-56"
          value={metric.name}
          options={metrics.map(({ name, label }) => ({ value: name, label }))}
          onChange={(name) => change({ metric: name === metrics[0]!.name ? null : name })}
        />
      </div>
      {query.isPending ? (
        <TableSkeleton rows={4} columns={experiment.workflows.length + 2} label="Loading the slices" />
      ) : query.isError ? (
        <ErrorState title="The rows could not be cut so" error={query.error} onRetry={() => query.refetch()} />
      ) : (
        <SliceTable experiment={experiment} metric={metric} data={query.data} dimmed={query.isPlaceholderData} />
      )}
    </section>
  );
}

type SliceTableProps = { experiment: Experiment; metric: Metric; data: Slices; dimmed: boolean };

function SliceTable({ experiment, metric, data, dimmed }: SliceTableProps) {
  const { workflows } = experiment;
  return (
    <div className={cx('space-y-3', dimmed && 'opacity-60')}>
      <Table label={`${metric.label} by slice and model`} className="max-lg:min-w-[700px]">
        <THead>
          <tr>
            <Th>Slice</Th>
            <Th numeric>Rows</Th>
            {workflows.map(({ id, name, position }) => (
              <Th key={id} numeric className="max-w-56 min-w-32">
                <ModelName position={position} name={name} className="justify-end" />
              </Th>
            ))}
          </tr>
        </THead>
        <TBody>
          {data.slices.map(({ value, rows, cells }) => (
            <Tr key={value}>
              <Td className="max-w-72 break-words">{value}</Td>
              <Td numeric>{formatCount(rows)}</Td>
              {workflows.map(({ id }) => {
                const cell = cells.find(({ workflow_id }) => workflow_id === id);
                return (
                  <Td
                    key={id}
                    numeric
                    title={cell && `${exact(cell.value)}, ${cell.interval?.method ?? 'no interval'}`}
                  >
                    {cell ? <SliceValue {...cell} rows={rows} /> : <span className="text-faint">{NONE}</span>}
                  </Td>
                );
              })}
            </Tr>
          ))}
        </TBody>
      </Table>
      <p className="max-w-[100ch] text-sm text-faint">
        {data.interim && 'Models still run: the values are interim. '}
        {metric.label} of each slice with its own 95 % interval. Nothing is tested here: of many slices one or the other
        stands out by chance, so a slice suggests what to look at and settles nothing.
      </p>
    </div>
  );
}

function SliceValue({ value, interval, n, rows }: Slices['slices'][number]['cells'][number] & { rows: number }) {
  return (
    <>
      {formatScore(value)}
      <span className="block text-sm text-faint">
        {interval ? `${formatScore(interval.low)} to ${formatScore(interval.high)}` : 'no interval'}
        {n < rows && `, ${formatCount(n)} scored`}
      </span>
    </>
  );
}
