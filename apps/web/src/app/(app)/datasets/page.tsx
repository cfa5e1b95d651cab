'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { EmptyState } from '@/components/empty-state.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { LoadMore } from '@/components/load-more.tsx';
import { PageHeader } from '@/components/page-header.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { DatasetFilters, useDatasetFilter } from './dataset-filters.tsx';
import { DatasetTable } from './dataset-table.tsx';
import { DropZone } from './drop-zone.tsx';
import { UploadButton } from './upload-button.tsx';
import { UploadList } from './upload-list.tsx';

export default function DatasetsPage() {
  return (
    <>
      <PageHeader title="Datasets" actions={<UploadButton />} />
      <DropZone />
      <UploadList />
      <DatasetList />
    </>
  );
}

function DatasetList() {
  const trpc = useTRPC();
  const filter = useDatasetFilter();
  const isFiltered = Object.keys(filter).length > 0;
  const datasets = useInfiniteQuery(
    trpc.datasets.list.infiniteQueryOptions(filter, {
      getNextPageParam: (page) => page.next_cursor,
      placeholderData: (previous) => previous,
    }),
  );
  if (datasets.isPending) return <TableSkeleton columns={6} label="Loading datasets" />;
  if (datasets.isError) {
    return (
      <>
        {isFiltered && <DatasetFilters />}
        <ErrorState title="Datasets could not be loaded" error={datasets.error} onRetry={() => datasets.refetch()} />
      </>
    );
  }
  const items = datasets.data.pages.flatMap((page) => page.items);
  if (items.length === 0 && !isFiltered) {
    return (
      <EmptyState title="No datasets yet" action={<UploadButton variant="secondary" label="Choose a file" />}>
        A dataset is a CSV, JSON Lines or Parquet file with the texts that the models shall work on, one row each, and
        if you have them the answers that you would wish for. Drop a file anywhere on this page.
      </EmptyState>
    );
  }
  return (
    <>
      <DatasetFilters />
      {items.length === 0 ? (
        <EmptyState title={filter.search ? `No dataset matches “${filter.search}”` : 'No dataset is like this'}>
          The search looks for words in names, descriptions and file names.
        </EmptyState>
      ) : (
        <>
          <DatasetTable datasets={items} />
          <LoadMore
            hasMore={datasets.hasNextPage}
            loading={datasets.isFetchingNextPage}
            onLoad={() => datasets.fetchNextPage()}
          />
        </>
      )}
    </>
  );
}
