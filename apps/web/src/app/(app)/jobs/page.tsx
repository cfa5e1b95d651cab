'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { LinkButton } from '@/components/button.tsx';
import { EmptyState } from '@/components/empty-state.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { LoadMore } from '@/components/load-more.tsx';
import { PageHeader } from '@/components/page-header.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { JobFilters, useJobFilters } from './filters.tsx';
import { JobTable } from './job-table.tsx';

export default function JobsPage() {
  return (
    <>
      <PageHeader title="Jobs" />
      <JobList />
    </>
  );
}

function JobList() {
  const trpc = useTRPC();
  const filters = useJobFilters();
  const jobs = useInfiniteQuery(
    trpc.jobs.list.infiniteQueryOptions(filters, {
      getNextPageParam: (page) => page.next_cursor,
      placeholderData: (previous) => previous,
    }),
  );
  const filtered = Object.values(filters).some((filter) => filter !== undefined && filter !== '');
  if (jobs.isPending) return <TableSkeleton columns={8} label="Loading jobs" />;
  if (jobs.isError) {
    return (
      <>
        {filtered && <JobFilters />}
        <ErrorState title="Jobs could not be loaded" error={jobs.error} onRetry={() => jobs.refetch()} />
      </>
    );
  }
  const items = jobs.data.pages.flatMap((page) => page.items);
  if (items.length === 0 && !filtered) {
    return (
      <EmptyState title="No jobs yet" action={<LinkButton href="/experiments/new">New experiment</LinkButton>}>
        A job is one piece of work on the Ray cluster: it runs a model over rows, or scores answers. Experiments make
        them; one alone is started with <code className="font-mono text-sm">npx touchstone jobs create</code>.
      </EmptyState>
    );
  }
  return (
    <>
      <JobFilters />
      {items.length === 0 ? (
        <EmptyState title="No job is like this" action={<LinkButton href="/jobs">Show all jobs</LinkButton>}>
          Nothing matches what is searched for and chosen.
        </EmptyState>
      ) : (
        <>
          <JobTable jobs={items} />
          <LoadMore hasMore={jobs.hasNextPage} loading={jobs.isFetchingNextPage} onLoad={() => jobs.fetchNextPage()} />
        </>
      )}
    </>
  );
}
