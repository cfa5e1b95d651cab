'use client';

import { useQuery } from '@tanstack/react-query';
import { Id, JobKind, JobStatus } from '@touchstone/schemas';
import { useSearchParams } from 'next/navigation';
import { SearchInput } from '@/components/search-input.tsx';
import { Select } from '@/components/select.tsx';
import { stateWord } from '@/components/state-badge.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { useUrlParams } from '@/lib/use-url-params.ts';
import { KIND_LABELS } from './kinds.ts';

/** So many experiments are offered; another one's jobs are shown by a link from it. */
const OFFERED = 50;

/** The filters that the URL holds; a word that is none of ours is no filter. */
export function useJobFilters() {
  const search = useSearchParams();
  return {
    kind: JobKind.safeParse(search.get('kind')).data,
    status: JobStatus.safeParse(search.get('status')).data,
    experiment_id: Id.safeParse(search.get('experiment')).data,
    search: search.get('q') ?? '',
  };
}

export function JobFilters() {
  const [, change] = useUrlParams();
  const { kind, status, experiment_id } = useJobFilters();
  return (
    <div className="mb-3 flex flex-wrap gap-2">
      <SearchInput label="Search by name" />
      <Select
        aria-label="Kind"
        value={kind ?? ''}
        onChange={(value) => change({ kind: value })}
        options={[
          { value: '', label: 'Every kind' },
          ...JobKind.options.map((value) => ({ value, label: KIND_LABELS[value] })),
        ]}
      />
      <Select
        aria-label="State"
        value={status ?? ''}
        onChange={(value) => change({ status: value })}
        options={[
          { value: '', label: 'Every state' },
          ...JobStatus.options.map((value) => ({ value, label: stateWord(value) })),
        ]}
      />
      <ExperimentFilter value={experiment_id ?? ''} onChange={(value) => change({ experiment: value })} />
    </div>
  );
}

function ExperimentFilter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.experiments.list.queryOptions({ limit: OFFERED }));
  const offered = data?.items ?? [];
  const isOffered = offered.some(({ id }) => id === value);
  const chosen = useQuery(trpc.experiments.get.queryOptions({ id: value }, { enabled: value !== '' && !isOffered }));
  return (
    <Select
      aria-label="Experiment"
      className="max-w-64"
      value={value}
      onChange={onChange}
      options={[
        { value: '', label: 'Every experiment, and none' },
        ...(value !== '' && !isOffered ? [{ value, label: chosen.data?.name ?? 'One experiment' }] : []),
        ...offered.map(({ id, name }) => ({ value: id, label: name })),
      ]}
    />
  );
}
