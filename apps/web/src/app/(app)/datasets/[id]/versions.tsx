'use client';

import { useQuery } from '@tanstack/react-query';
import type { Dataset, DatasetVersion } from '@touchstone/schemas';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { ErrorState } from '@/components/error-state.tsx';
import { Count, RelativeTime } from '@/components/number.tsx';
import { Select } from '@/components/select.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Diff } from './diff.tsx';
import { Provenance } from './provenance.tsx';

/** All versions, and what one changed against another; the other one is in the URL. */
export function Versions({ dataset }: { dataset: Dataset }) {
  const trpc = useTRPC();
  const versions = useQuery(trpc.datasets.versions.queryOptions({ id: dataset.id }));
  if (versions.isPending) return <TableSkeleton rows={3} columns={5} label="Loading versions" />;
  if (versions.isError) {
    return (
      <ErrorState title="Versions could not be loaded" error={versions.error} onRetry={() => versions.refetch()} />
    );
  }
  return (
    <div className="flex flex-col gap-8">
      <VersionTable versions={versions.data} current={dataset.id} />
      {versions.data.length > 1 && <Comparison dataset={dataset} versions={versions.data} />}
    </div>
  );
}

function VersionTable({ versions, current }: { versions: readonly DatasetVersion[]; current: string }) {
  return (
    <Table label="Versions">
      <THead>
        <Tr>
          <Th>Version</Th>
          <Th>Note</Th>
          <Th>Comes from</Th>
          <Th>Saved</Th>
          <Th numeric>Experiments</Th>
        </Tr>
      </THead>
      <TBody>
        {versions.map(({ id, version, note, provenance, created_at, experiment_count }) => (
          <Tr key={id} aria-current={id === current ? 'true' : undefined}>
            <Td className="whitespace-nowrap">
              {id === current ? (
                <span className="font-semibold">v{version}, shown</span>
              ) : (
                <Link className="link font-medium" href={`/datasets/${id}?tab=versions`}>
                  v{version}
                </Link>
              )}
            </Td>
            <Td className="min-w-40 break-words whitespace-pre-line">
              {note || <span className="text-faint">No note</span>}
            </Td>
            <Td>
              <Provenance provenance={provenance} />
            </Td>
            <Td>
              <RelativeTime value={created_at} />
            </Td>
            <Td numeric>
              <Count value={experiment_count} />
            </Td>
          </Tr>
        ))}
      </TBody>
    </Table>
  );
}

function Comparison({ dataset, versions }: { dataset: Dataset; versions: readonly DatasetVersion[] }) {
  const wanted = useSearchParams().get('against');
  const others = versions.filter(({ id }) => id !== dataset.id);
  const { provenance } = dataset;
  const madeOf = provenance.kind === 'edited' ? provenance.dataset_id : null;
  const base =
    others.find(({ id }) => id === wanted) ??
    others.find(({ id }) => id === madeOf) ??
    others.find(({ version }) => version < dataset.version) ??
    others.at(-1)!;
  return (
    <section aria-labelledby="changes">
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <h2 id="changes" className="text-base font-semibold">
          What v{dataset.version} changed against
        </h2>
        <Select
          aria-label="Version to compare with"
          value={base.id}
          options={others.map(({ id, version }) => ({ value: id, label: `v${version}` }))}
          onChange={(id) => {
            const query = new URLSearchParams(window.location.search);
            query.set('against', id);
            window.history.replaceState(null, '', `?${query}`);
          }}
        />
      </div>
      <Diff key={base.id} id={dataset.id} base_id={base.id} version={dataset.version} baseVersion={base.version} />
    </section>
  );
}
