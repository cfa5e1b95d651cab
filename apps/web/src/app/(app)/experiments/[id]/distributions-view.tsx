'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Distribution, Experiment, Metric, Workflow } from '@touchstone/schemas';
import { useRef } from 'react';
import { ChartExport } from '@/components/chart-export.tsx';
import { EmptyState } from '@/components/empty-state.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { Select } from '@/components/select.tsx';
import { Skeleton } from '@/components/skeleton.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { cx } from '@/lib/cx.ts';
import { exact, formatCount, formatNumber, formatScore, NONE } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { useUrlParams } from '@/lib/use-url-params.ts';
import { ModelName } from '../model-name.tsx';
import { isUnderWay } from './findings.ts';
import { Histograms } from './histograms.tsx';
import { readRowsState, rowMetrics } from './rows-state.ts';

/** How the scores of each model lie on one metric: what a mean alone does not say. */
export function DistributionsView({ experiment }: { experiment: Experiment }) {
  const [params, change] = useUrlParams();
  const { metric } = readRowsState(params, experiment);
  const metrics = rowMetrics(experiment);
  if (metric === null) {
    return (
      <EmptyState title="No metric is scored row by row">
        A distribution needs a value for each row; the metrics of this experiment are computed over all rows together.
      </EmptyState>
    );
  }
  return (
    <div className="max-w-[800px] space-y-4">
      <Select
        aria-label="Metric"
        className="w-56"
        value={metric.name}
        options={metrics.map(({ name, label }) => ({ value: name, label }))}
        onChange={(name) => change({ metric: name === metrics[0]!.name ? null : name })}
      />
      <MetricDistribution experiment={experiment} metric={metric} />
    </div>
  );
}

type MetricDistributionProps = { experiment: Experiment; metric: Metric };

function MetricDistribution({ experiment, metric }: MetricDistributionProps) {
  const trpc = useTRPC();
  const chart = useRef<SVGSVGElement>(null);
  const query = useQuery(
    trpc.rows.distribution.queryOptions(
      { experiment_id: experiment.id, metric: metric.name },
      { placeholderData: keepPreviousData },
    ),
  );
  if (query.isPending) {
    return (
      <div role="status" aria-label="Loading the distribution" className="space-y-4">
        {experiment.workflows.map(({ id }) => (
          <Skeleton key={id} className="h-20 w-full" />
        ))}
      </div>
    );
  }
  if (!query.data) {
    return <ErrorState title="The scores could not be counted" error={query.error} onRetry={() => query.refetch()} />;
  }
  const { data } = query;
  const models = experiment.workflows.flatMap((workflow) => {
    const scores = data.workflows.find(({ workflow_id }) => workflow_id === workflow.id);
    return scores ? [{ workflow, ...scores }] : [];
  });
  if (models.length === 0) {
    return (
      <EmptyState title="Nothing is scored yet">
        {isUnderWay(experiment.status)
          ? 'The scores of a model appear when its evaluation is over.'
          : 'No answer has a value of this metric. Another metric may have.'}
      </EmptyState>
    );
  }
  const { label, description } = metric;
  return (
    <div className={cx('space-y-4', query.isPlaceholderData && 'opacity-60')}>
      <figure className="space-y-2">
        <figcaption className="flex flex-wrap items-start justify-between gap-2">
          <span className="min-w-0 flex-1 basis-72 text-sm text-muted">
            Rows by {label}, each row once. Black line: the median; the bar under it holds the middle half of the rows.{' '}
            {description}
          </span>
          <ChartExport chart={chart} name={`${experiment.name}, ${label}`} />
        </figcaption>
        <Histograms ref={chart} metric={metric} edges={data.edges} models={models} />
      </figure>
      <details className="text-sm">
        <summary className="cursor-pointer py-1 text-muted">The numbers as a table</summary>
        <DistributionTable edges={data.edges} label={label} models={models} />
      </details>
    </div>
  );
}

export type ModelScores = Distribution['workflows'][number] & { workflow: Workflow };

type DistributionTableProps = { edges: readonly number[]; label: string; models: readonly ModelScores[] };

function DistributionTable({ edges, label, models }: DistributionTableProps) {
  const summary = [
    { term: 'Rows scored', value: ({ scored }: ModelScores) => formatCount(scored) },
    { term: 'Lower quartile', value: ({ quartiles }: ModelScores) => formatScore(quartiles?.[0]) },
    { term: 'Median', value: ({ quartiles }: ModelScores) => formatScore(quartiles?.[1]) },
    { term: 'Upper quartile', value: ({ quartiles }: ModelScores) => formatScore(quartiles?.[2]) },
  ];
  return (
    <Table label={`Rows by ${label} and model`}>
      <THead>
        <Tr>
          <Th>{label}</Th>
          {models.map(({ workflow: { id, name, position } }) => (
            <Th key={id} numeric className="max-w-48 min-w-24">
              <ModelName position={position} name={name} className="justify-end" />
            </Th>
          ))}
        </Tr>
      </THead>
      <TBody>
        {summary.map(({ term, value }) => (
          <Tr key={term}>
            <Td className="whitespace-nowrap text-muted">{term}</Td>
            {models.map((model) => (
              <Td key={model.workflow_id} numeric>
                {value(model)}
              </Td>
            ))}
          </Tr>
        ))}
        {edges.slice(1).map((high, bin) => (
          <Tr key={high}>
            <Td className="whitespace-nowrap" title={`${exact(edges[bin])} to ${exact(high)}`}>
              {formatNumber(edges[bin])} to {formatNumber(high)}
            </Td>
            {models.map(({ workflow_id, counts }) => (
              <Td key={workflow_id} numeric>
                {counts[bin] ? formatCount(counts[bin]) : <span className="text-faint">{NONE}</span>}
              </Td>
            ))}
          </Tr>
        ))}
      </TBody>
    </Table>
  );
}
