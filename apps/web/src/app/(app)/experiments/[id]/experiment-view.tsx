'use client';

import { useQuery } from '@tanstack/react-query';
import { type Experiment, taskName } from '@touchstone/schemas';
import Link from 'next/link';
import { LinkButton } from '@/components/button.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { RelativeTime, useNow } from '@/components/number.tsx';
import { PageHeader } from '@/components/page-header.tsx';
import { Skeleton, TableSkeleton } from '@/components/skeleton.tsx';
import { StateBadge } from '@/components/state-badge.tsx';
import { Tabs, useTab } from '@/components/tabs.tsx';
import { formatDuration, formatElapsed } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { TASK_LABELS } from '../task-words.ts';
import { DistributionsView } from './distributions-view.tsx';
import { ExperimentActions } from './experiment-actions.tsx';
import { describeSample, isUnderWay } from './findings.ts';
import { Overview } from './overview.tsx';
import { RowsView } from './rows-view.tsx';
import { RunsView } from './runs-view.tsx';
import { SlicesView } from './slices-view.tsx';

const TABS = [
  { value: 'overview', label: 'Overview' },
  { value: 'rows', label: 'Rows' },
  { value: 'distributions', label: 'Distributions' },
  { value: 'slices', label: 'Slices' },
  { value: 'runs', label: 'Runs' },
] as const;

const BREADCRUMB = [{ label: 'Experiments', href: '/experiments' }];

export function ExperimentView({ id }: { id: string }) {
  const trpc = useTRPC();
  const tab = useTab(['overview', 'rows', 'distributions', 'slices', 'runs']);
  const query = useQuery(trpc.experiments.get.queryOptions({ id }));
  const experiment = query.data;

  if (query.isError && !experiment) {
    return (
      <>
        <PageHeader title="Experiment" breadcrumb={BREADCRUMB} />
        <ErrorState
          title="This experiment could not be shown"
          error={query.error}
          onRetry={() => query.refetch()}
          action={<LinkButton href="/experiments">All experiments</LinkButton>}
        />
      </>
    );
  }
  if (!experiment) return <LoadingExperiment />;
  return (
    <>
      <PageHeader
        title={experiment.name}
        breadcrumb={BREADCRUMB}
        meta={<Facts experiment={experiment} askedAt={query.dataUpdatedAt} />}
        actions={<ExperimentActions experiment={experiment} />}
      />
      {experiment.description && (
        <p className="max-w-[80ch] pb-3 whitespace-pre-line text-muted">{experiment.description}</p>
      )}
      <Tabs label="Views of the experiment" tabs={TABS} current={tab} />
      <div className="pt-4">
        {tab === 'overview' && <Overview experiment={experiment} />}
        {tab === 'rows' && <RowsView experiment={experiment} />}
        {tab === 'distributions' && <DistributionsView experiment={experiment} />}
        {tab === 'slices' && <SlicesView experiment={experiment} />}
        {tab === 'runs' && <RunsView experiment={experiment} />}
      </div>
    </>
  );
}

/** `askedAt`: Unix time in milliseconds at which the experiment was as it is here. */
function Facts({ experiment, askedAt }: { experiment: Experiment; askedAt: number }) {
  const { status, stop_requested, dataset, task, created_at, finished_at, seconds } = experiment;
  const running = isUnderWay(status);
  const now = useNow(running ? 1000 : null);
  return (
    <>
      <StateBadge state={status} {...(running && stop_requested ? { word: 'Stopping' } : {})} className="text-fg" />
      <span>{TASK_LABELS[taskName(task)]}</span>
      <Link href={`/datasets/${dataset.id}`} className="link flex max-w-80">
        <span className="truncate">{dataset.name}</span>
        <span className="shrink-0">&nbsp;v{dataset.version}</span>
      </Link>
      <span>{describeSample(experiment)}</span>
      {running ? (
        <span>running for {formatElapsed(seconds + Math.max(0, now.getTime() - askedAt) / 1000)}</span>
      ) : (
        <span>
          <RelativeTime value={created_at} />
          {finished_at && `, took ${formatDuration(seconds)}`}
        </span>
      )}
    </>
  );
}

function LoadingExperiment() {
  return (
    <div role="status" aria-label="Loading the experiment">
      <Skeleton className="h-6 w-72 max-w-full" />
      <Skeleton className="mt-2 w-96 max-w-full" />
      <div className="mt-8 border-b" />
      <Skeleton className="mt-6 h-5 w-2/3" />
      <div className="mt-6">
        <TableSkeleton rows={3} columns={7} label="Loading the comparison" />
      </div>
    </div>
  );
}
