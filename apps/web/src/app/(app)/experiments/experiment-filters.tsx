'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { RunStatus, TaskName } from '@touchstone/schemas';
import { useSearchParams } from 'next/navigation';
import { SearchInput } from '@/components/search-input.tsx';
import { Select } from '@/components/select.tsx';
import { stateWord } from '@/components/state-badge.tsx';
import { Tabs } from '@/components/tabs.tsx';
import { formatBounded } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { useUrlParams } from '@/lib/use-url-params.ts';
import { TASK_LABELS } from './task-words.ts';

/** Datasets that the filter offers, the newest; the search finds experiments of every one. */
const MOST_DATASETS = 100;

/** The filter that the URL holds; a word that is none of ours is no filter. */
export function useExperimentFilter() {
  const params = useSearchParams();
  const dataset = params.get('dataset');
  return {
    search: params.get('q') ?? '',
    status: RunStatus.safeParse(params.get('status')).data,
    task: TaskName.safeParse(params.get('task')).data,
    ...(dataset && { dataset_id: dataset }),
  };
}

export function ExperimentFilters() {
  const trpc = useTRPC();
  const { status, ...filter } = useExperimentFilter();
  const [, change] = useUrlParams();
  const counts = useQuery(trpc.experiments.counts.queryOptions(filter, { placeholderData: keepPreviousData })).data;
  const datasets = useQuery(trpc.datasets.list.queryOptions({ limit: MOST_DATASETS })).data?.items ?? [];
  // Linked to from a dataset's page, which may show one that the list does not.
  const linked = filter.dataset_id !== undefined && !datasets.some(({ id }) => id === filter.dataset_id);
  return (
    <div className="space-y-2 pb-3">
      <div className="flex flex-wrap gap-2">
        <SearchInput label="Search experiments" className="max-sm:w-full" />
        <Select
          aria-label="Dataset"
          className="max-w-64"
          value={filter.dataset_id ?? ''}
          options={[
            { value: '', label: 'Every dataset' },
            ...datasets.map(({ id, name }) => ({ value: id, label: name })),
            ...(linked ? [{ value: filter.dataset_id!, label: 'The chosen dataset' }] : []),
          ]}
          onChange={(dataset) => change({ dataset })}
        />
        <Select
          aria-label="Task"
          value={filter.task ?? ''}
          options={[
            { value: '', label: 'Every task' },
            ...TaskName.options.map((value) => ({ value, label: TASK_LABELS[value] })),
          ]}
          onChange={(task) => change({ task })}
        />
      </div>
      <Tabs
        label="State"
        param="status"
        current={status ?? 'all'}
        tabs={[
          { value: 'all', label: 'All' },
          ...RunStatus.options.map((value) => ({
            value,
            label: <StateCount word={stateWord(value)} count={counts?.[value]} />,
          })),
        ]}
      />
    </div>
  );
}

function StateCount({ word, count }: { word: string; count: number | undefined }) {
  return (
    <>
      {word}
      {count !== undefined && <span className="pl-1.5 font-normal text-faint">{formatBounded(count)}</span>}
    </>
  );
}
