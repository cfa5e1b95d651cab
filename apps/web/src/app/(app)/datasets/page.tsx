'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { EmptyState } from '@/components/empty-state.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { LoadMore } from '@/components/load-more.tsx';
import { PageHeader } from '@/components/page-header.tsx';
import { SearchInput } from '@/components/search-input.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { DatasetTable } from './dataset-table.tsx';
import { DropZone } from './drop-zone.tsx';
import { UploadButton } from './upload-button.tsx';
import { UploadList } from './upload-list.tsx';

export default function DatasetsPage() {
  const search = useSearchParams().get('q') ?? '';
  return (
    <>
      <PageHeader title="Datasets" actions={<UploadButton />} />
      <DropZone />
      <UploadList />
      <DatasetList search={search} />
    </>
  );
}

function DatasetList({ search }: { search: string }) {
  const trpc = useTRPC();
  const datasets = useInfiniteQuery(
    trpc.datasets.list.infiniteQueryOptions(
      { search: search || undefined },
      { getNextPageParam: (page) => page.next_cursor, placeholderData: (previous) => previous },
    ),
  );
  if (datasets.isPending) return <TableSkeleton columns={6} label="Loading datasets" />;
  if (datasets.isError) {
    return (
      <ErrorState title="Datasets could not be loaded" error={datasets.error} onRetry={() => datasets.refetch()} />
    );
  }
  const items = datasets.data.pages.flatMap((page) => page.items);
  if (items.length === 0 && !search) {
    return (
      <EmptyState title="No datasets yet" action={<UploadButton variant="secondary" label="Choose a file" />}>
        A dataset is a CSV, JSON Lines or Parquet file with the texts that the models shall work on, one row each, and
        if you have them the answers that you would wish for. Drop a file anywhere on this page.
      </EmptyState>
    );
  }
  return (
    <>
      <SearchInput label="Search datasets" className="mb-3" />
      {items.length === 0 ? (
        <EmptyState title={`No dataset has “${search}” in its name`}>Try a shorter word.</EmptyState>
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
