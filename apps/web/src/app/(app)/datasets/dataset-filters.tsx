'use client';

import { DatasetFormat, DatasetOrigin } from '@touchstone/schemas';
import { useSearchParams } from 'next/navigation';
import { SearchInput } from '@/components/search-input.tsx';
import { Select } from '@/components/select.tsx';
import { useUrlParams } from '@/lib/use-url-params.ts';
import { FORMAT_LABELS, PROVENANCE_LABELS } from './words.ts';

/** The filter that the URL holds; a word that is none of ours is no filter. */
export function useDatasetFilter() {
  const params = useSearchParams();
  const search = params.get('q');
  const format = DatasetFormat.safeParse(params.get('format')).data;
  const provenance = DatasetOrigin.safeParse(params.get('from')).data;
  return { ...(search && { search }), ...(format && { format }), ...(provenance && { provenance }) };
}

export function DatasetFilters() {
  const { format, provenance } = useDatasetFilter();
  const [, change] = useUrlParams();
  return (
    <div className="mb-3 flex flex-wrap gap-2">
      <SearchInput label="Search datasets" className="max-sm:w-full" />
      <Select
        aria-label="Format"
        value={format ?? ''}
        options={[
          { value: '', label: 'Every format' },
          ...DatasetFormat.options.map((value) => ({ value, label: FORMAT_LABELS[value] })),
        ]}
        onChange={(format) => change({ format })}
      />
      <Select
        aria-label="Comes from"
        value={provenance ?? ''}
        options={[
          { value: '', label: 'From anywhere' },
          ...DatasetOrigin.options.map((value) => ({ value, label: PROVENANCE_LABELS[value] })),
        ]}
        onChange={(from) => change({ from })}
      />
    </div>
  );
}
