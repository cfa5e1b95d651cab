'use client';

import { useQuery } from '@tanstack/react-query';
import { Download, Plus } from 'lucide-react';
import { buttonClass, LinkButton } from '@/components/button.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { Bytes, RelativeTime } from '@/components/number.tsx';
import { PageHeader } from '@/components/page-header.tsx';
import { Skeleton, TableSkeleton } from '@/components/skeleton.tsx';
import { formatCounted } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { useIdParam } from '@/lib/use-id-param.ts';
import { ColumnTable } from './column-table.tsx';
import { DeleteDataset } from './delete-dataset.tsx';
import { Preview } from './preview.tsx';

const BREADCRUMB = [{ label: 'Datasets', href: '/datasets' }];

export default function DatasetPage() {
  const id = useIdParam();
  const trpc = useTRPC();
  const { data: dataset, error, refetch } = useQuery(trpc.datasets.get.queryOptions({ id }));
  if (error && !dataset) {
    return (
      <>
        <PageHeader title="Dataset" breadcrumb={BREADCRUMB} />
        <ErrorState
          title="This dataset could not be loaded"
          error={error}
          onRetry={() => refetch()}
          action={<LinkButton href="/datasets">All datasets</LinkButton>}
        />
      </>
    );
  }
  if (!dataset) {
    return (
      <>
        <PageHeader title="Dataset" breadcrumb={BREADCRUMB} meta={<Skeleton className="my-0.5 w-80" />} />
        <TableSkeleton rows={4} columns={3} label="Loading the dataset" />
      </>
    );
  }
  return (
    <>
      <PageHeader
        title={dataset.name}
        breadcrumb={BREADCRUMB}
        meta={
          <>
            <span>{formatCounted(dataset.row_count, 'row')}</span>
            <span>{formatCounted(dataset.columns.length, 'column')}</span>
            <Bytes value={dataset.size_bytes} />
            <span>
              {dataset.filename}, <RelativeTime value={dataset.created_at} />
            </span>
            <span>
              {dataset.experiment_count
                ? `Used by ${formatCounted(dataset.experiment_count, 'experiment')}`
                : 'Used by no experiment yet'}
            </span>
          </>
        }
        actions={
          <>
            <DeleteDataset dataset={dataset} />
            <a href={`/api/datasets/${dataset.id}/download`} download className={buttonClass('secondary')}>
              <Download aria-hidden />
              Download
            </a>
            <LinkButton variant="primary" href={`/experiments/new?dataset=${dataset.id}`} icon={<Plus aria-hidden />}>
              New experiment
            </LinkButton>
          </>
        }
      />
      <div className="flex flex-col gap-8">
        <section aria-labelledby="columns">
          <h2 id="columns" className="mb-1 text-base font-semibold">
            Columns
          </h2>
          <ColumnTable dataset={dataset} />
        </section>
        <Preview dataset={dataset} />
      </div>
    </>
  );
}
