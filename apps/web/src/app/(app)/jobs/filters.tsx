'use client';

import { JobKind, JobStatus } from '@touchstone/schemas';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { Select } from '@/components/select.tsx';
import { stateWord } from '@/components/state-badge.tsx';
import { KIND_LABELS } from './kinds.ts';

/** The filters that the URL holds; a word that is none of ours is no filter. */
export function useJobFilters(): { kind: JobKind | undefined; status: JobStatus | undefined } {
  const search = useSearchParams();
  return {
    kind: JobKind.safeParse(search.get('kind')).data,
    status: JobStatus.safeParse(search.get('status')).data,
  };
}

export function JobFilters() {
  const router = useRouter();
  const pathname = usePathname();
  const search = useSearchParams();
  const { kind, status } = useJobFilters();
  const setFilter = (name: string, value: string) => {
    const query = new URLSearchParams(search);
    if (value) query.set(name, value);
    else query.delete(name);
    router.replace(query.size ? `${pathname}?${query}` : pathname, { scroll: false });
  };
  return (
    <div className="mb-3 flex flex-wrap gap-2">
      <Select
        aria-label="Kind"
        value={kind ?? ''}
        onChange={(value) => setFilter('kind', value)}
        options={[
          { value: '', label: 'Every kind' },
          ...JobKind.options.map((value) => ({ value, label: KIND_LABELS[value] })),
        ]}
      />
      <Select
        aria-label="State"
        value={status ?? ''}
        onChange={(value) => setFilter('status', value)}
        options={[
          { value: '', label: 'Every state' },
          ...JobStatus.options.map((value) => ({ value, label: stateWord(value) })),
        ]}
      />
    </div>
  );
}
