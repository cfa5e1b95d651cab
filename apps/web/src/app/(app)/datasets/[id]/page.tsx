'use client';

import { useQuery } from '@tanstack/react-query';
import type { Dataset } from '@touchstone/schemas';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { LinkButton } from '@/components/button.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { Bytes, RelativeTime } from '@/components/number.tsx';
import { PageHeader } from '@/components/page-header.tsx';
import { Skeleton, TableSkeleton } from '@/components/skeleton.tsx';
import { Tabs, useTab } from '@/components/tabs.tsx';
import { formatCounted } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { useIdParam } from '@/lib/use-id-param.ts';
import { ColumnTable } from './column-table.tsx';
import { DeleteDataset } from './delete-dataset.tsx';
import { DownloadDataset } from './download-dataset.tsx';
import { EditDetails } from './edit-details.tsx';
import { countEdits, type Edits, NO_EDITS } from './edits.ts';
import { GenerateReferences } from './generate-references.tsx';
import { Health } from './health.tsx';
import { Preview } from './preview.tsx';
import { Provenance } from './provenance.tsx';
import { UnsavedWarning } from './unsaved-warning.tsx';
import { Versions } from './versions.tsx';

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
  return <DatasetView key={dataset.id} dataset={dataset} />;
}

function DatasetView({ dataset }: { dataset: Dataset }) {
  const tab = useTab(['rows', 'health', 'versions']);
  // Kept while another tab is shown.
  const [edits, setEdits] = useState<Edits>(NO_EDITS);
  return (
    <>
      <UnsavedWarning count={countEdits(edits)} />
      <PageHeader
        title={dataset.name}
        breadcrumb={BREADCRUMB}
        meta={<Facts dataset={dataset} />}
        actions={
          <>
            <DeleteDataset dataset={dataset} />
            <EditDetails dataset={dataset} />
            <GenerateReferences dataset={dataset} />
            <DownloadDataset dataset={dataset} />
            <LinkButton variant="primary" href={`/experiments/new?dataset=${dataset.id}`} icon={<Plus aria-hidden />}>
              New experiment
            </LinkButton>
          </>
        }
      />
      {dataset.description && (
        <p className="mb-4 max-w-[80ch] break-words whitespace-pre-line">{dataset.description}</p>
      )}
      <div className="mb-5">
        <Tabs
          label="Dataset"
          current={tab}
          tabs={[
            { value: 'rows', label: 'Rows' },
            { value: 'health', label: 'Health' },
            { value: 'versions', label: `Versions ${dataset.version_count}` },
          ]}
        />
      </div>
      {tab === 'versions' ? (
        <Versions dataset={dataset} />
      ) : tab === 'health' ? (
        <Health dataset={dataset} />
      ) : (
        <div className="flex flex-col gap-8">
          <section aria-labelledby="columns">
            <h2 id="columns" className="mb-1 text-base font-semibold">
              Columns
            </h2>
            <ColumnTable dataset={dataset} />
          </section>
          <Preview dataset={dataset} edits={edits} onEditsChange={setEdits} />
        </div>
      )}
    </>
  );
}

function Facts({ dataset }: { dataset: Dataset }) {
  return (
    <>
      <span className="text-fg">v{dataset.version}</span>
      <span>{formatCounted(dataset.row_count, 'row')}</span>
      <span>{formatCounted(dataset.columns.length, 'column')}</span>
      <Bytes value={dataset.size_bytes} />
      <span>
        {dataset.provenance.kind === 'uploaded' ? dataset.filename : <Provenance provenance={dataset.provenance} />},{' '}
        <RelativeTime value={dataset.created_at} />
      </span>
      <span>
        {dataset.experiment_count
          ? `Used by ${formatCounted(dataset.experiment_count, 'experiment')}`
          : 'Used by no experiment yet'}
      </span>
    </>
  );
}
