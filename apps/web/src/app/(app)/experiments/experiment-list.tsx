'use client';

import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { ExperimentSummary } from '@touchstone/schemas';
import { Plus } from 'lucide-react';
import Link from 'next/link';
import { LinkButton } from '@/components/button.tsx';
import { EmptyState } from '@/components/empty-state.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { LoadMore } from '@/components/load-more.tsx';
import { RelativeTime } from '@/components/number.tsx';
import { PageHeader } from '@/components/page-header.tsx';
import { ProgressLine } from '@/components/progress-line.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { StateBadge } from '@/components/state-badge.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { exact, formatCount, formatScore, NONE } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { isUnderWay } from './[id]/findings.ts';
import { ExperimentFilters, useExperimentFilter } from './experiment-filters.tsx';
import { ModelName } from './model-name.tsx';

export function ExperimentList() {
  const trpc = useTRPC();
  const filter = useExperimentFilter();
  const list = useInfiniteQuery(
    trpc.experiments.list.infiniteQueryOptions(
      { limit: 50, ...filter },
      { getNextPageParam: ({ next_cursor }) => next_cursor, placeholderData: keepPreviousData },
    ),
  );
  const experiments = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const isFiltered = Boolean(filter.search || filter.status || filter.task || filter.dataset_id);

  return (
    <>
      <PageHeader
        title="Experiments"
        actions={
          <LinkButton variant="primary" href="/experiments/new" icon={<Plus aria-hidden />}>
            New experiment
          </LinkButton>
        }
      />
      {(list.isPending || experiments.length > 0 || isFiltered) && <ExperimentFilters />}
      {list.isPending ? (
        <TableSkeleton columns={6} label="Loading experiments" />
      ) : list.isError && experiments.length === 0 ? (
        <ErrorState title="The experiments could not be loaded" error={list.error} onRetry={() => list.refetch()} />
      ) : experiments.length > 0 ? (
        <>
          <ExperimentTable experiments={experiments} />
          <LoadMore
            hasMore={list.hasNextPage}
            loading={list.isFetchingNextPage}
            onLoad={() => void list.fetchNextPage()}
          />
        </>
      ) : isFiltered ? (
        <EmptyState
          title={filter.search ? `No experiment matches "${filter.search}"` : 'No experiment is like this'}
          action={<LinkButton href="/experiments">Show all experiments</LinkButton>}
        >
          The search looks at the names of experiments, datasets and models, and at descriptions.
        </EmptyState>
      ) : (
        <EmptyState
          title="Compare models on your data"
          action={
            <LinkButton variant="primary" href="/experiments/new">
              New experiment
            </LinkButton>
          }
        >
          An experiment runs several models over the same rows of a dataset, scores every answer, and puts quality,
          latency and cost side by side. A first start with <code className="font-mono text-sm">npm start</code> also
          makes a sample experiment.
        </EmptyState>
      )}
    </>
  );
}

function ExperimentTable({ experiments }: { experiments: readonly ExperimentSummary[] }) {
  return (
    <Table label="Experiments" className="max-lg:min-w-[860px]">
      <THead>
        <tr>
          <Th>Name</Th>
          <Th>State</Th>
          <Th>Best on its main metric</Th>
          <Th>Models</Th>
          <Th>Dataset</Th>
          <Th numeric>Created</Th>
        </tr>
      </THead>
      <TBody>
        {experiments.map((experiment) => (
          <ExperimentRow key={experiment.id} experiment={experiment} />
        ))}
      </TBody>
    </Table>
  );
}

function ExperimentRow({ experiment }: { experiment: ExperimentSummary }) {
  const { id, name, dataset, workflows, status, rows, best, created_at, sample } = experiment;
  const running = isUnderWay(status);
  const bestPosition = workflows.find(({ name }) => name === best?.workflow)?.position ?? 0;
  return (
    <Tr className="relative">
      <Td className="max-w-72 min-w-40">
        {/* The link covers the whole row. */}
        <Link href={`/experiments/${id}`} className="line-clamp-2 font-medium break-words after:absolute after:inset-0">
          {name}
        </Link>
      </Td>
      <Td className="w-36">
        <StateBadge state={status} />
        {running && (
          <>
            <ProgressLine label={`Progress of ${name}`} rows={rows} className="mt-1" />
            <span className="text-faint">
              {formatCount(rows.answered + rows.failed)} of {formatCount(rows.total)}
            </span>
          </>
        )}
      </Td>
      <Td className="max-w-60">
        {best ? (
          <>
            <ModelName position={bestPosition} name={best.workflow} />
            <span className="text-muted" title={exact(best.value)}>
              {best.metric.label} <span className="font-medium text-fg">{formatScore(best.value)}</span>
              {running && ' · interim'}
            </span>
          </>
        ) : (
          <span className="text-faint">{NONE}</span>
        )}
      </Td>
      <Td className="max-w-80">
        <ModelNames models={workflows} />
      </Td>
      <Td className="max-w-56">
        <span className="flex" title={dataset.name}>
          <span className="truncate">{dataset.name}</span>
          <span className="shrink-0 text-faint">&nbsp;v{dataset.version}</span>
        </span>
        <span className="whitespace-nowrap text-faint">
          {formatCount(sample.rows)} of {formatCount(dataset.row_count)} rows
        </span>
      </Td>
      <Td numeric className="text-muted">
        <RelativeTime value={created_at} />
      </Td>
    </Tr>
  );
}

const SHOWN_MODELS = 4;

function ModelNames({ models }: { models: ExperimentSummary['workflows'] }) {
  const rest = models.slice(SHOWN_MODELS);
  return (
    <div className="flex flex-wrap gap-x-3">
      {models.slice(0, SHOWN_MODELS).map(({ id, name, position }) => (
        <ModelName key={id} position={position} name={name} className="max-w-40" />
      ))}
      {rest.length > 0 && (
        <span className="text-faint" title={rest.map(({ name }) => name).join('\n')}>
          and {rest.length} more
        </span>
      )}
    </div>
  );
}
