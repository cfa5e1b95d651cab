'use client';

import type { Dataset } from '@touchstone/schemas';
import Link from 'next/link';
import { Bytes, Count, RelativeTime } from '@/components/number.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { useRowKeys } from '@/components/use-row-keys.ts';
import { formatCounted } from '@/lib/format.ts';

/** What the name does not say: the file, or who made it. */
function originOf({ provenance, filename, name }: Dataset): string | null {
  if (provenance.kind === 'generated') return `answers of ${provenance.workflow}`;
  return filename === name ? null : filename;
}

export function DatasetTable({ datasets }: { datasets: readonly Dataset[] }) {
  const body = useRowKeys();
  return (
    <Table label="Datasets">
      <THead>
        <Tr>
          <Th>Name</Th>
          <Th numeric>Rows</Th>
          <Th numeric>Columns</Th>
          <Th numeric>Size</Th>
          <Th>Added</Th>
          <Th>Used by</Th>
        </Tr>
      </THead>
      <TBody ref={body}>
        {datasets.map((dataset) => (
          <Tr key={dataset.id}>
            <Td className="min-w-40">
              <span className="flex flex-wrap items-baseline gap-x-2">
                <Link
                  href={`/datasets/${dataset.id}`}
                  className="line-clamp-2 font-medium [overflow-wrap:anywhere] hover:text-accent hover:underline"
                >
                  {dataset.name}
                </Link>
                {dataset.version_count > 1 && (
                  <span className="whitespace-nowrap text-muted">
                    v{dataset.version}, {formatCounted(dataset.version_count, 'version')}
                  </span>
                )}
                <span className="break-all text-faint max-md:hidden">{originOf(dataset)}</span>
              </span>
              {dataset.description && (
                <p className="line-clamp-2 max-w-[80ch] text-muted [overflow-wrap:anywhere]">{dataset.description}</p>
              )}
            </Td>
            <Td numeric>
              <Count value={dataset.row_count} />
            </Td>
            <Td numeric>
              <span title={dataset.columns.map(({ name }) => name).join(', ')}>
                <Count value={dataset.columns.length} />
              </span>
            </Td>
            <Td numeric>
              <Bytes value={dataset.size_bytes} />
            </Td>
            <Td>
              <RelativeTime value={dataset.created_at} />
            </Td>
            <Td className="whitespace-nowrap">
              {dataset.experiment_count ? (
                formatCounted(dataset.experiment_count, 'experiment')
              ) : (
                <span className="text-faint">Nothing yet</span>
              )}
            </Td>
          </Tr>
        ))}
      </TBody>
    </Table>
  );
}
