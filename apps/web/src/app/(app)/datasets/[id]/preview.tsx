'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Dataset } from '@touchstone/schemas';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { formatCount } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { PreviewCell } from './preview-cell.tsx';

const PAGE = 20;

/** The dataset's rows, a page at a time; the page is in the URL. */
export function Preview({ dataset }: { dataset: Dataset }) {
  const trpc = useTRPC();
  const router = useRouter();
  const pathname = usePathname();
  const wanted = Number.parseInt(useSearchParams().get('from') ?? '1', 10) - 1;
  const offset = Math.min(Math.max(0, wanted || 0), Math.max(0, dataset.row_count - 1));
  const [expanded, setExpanded] = useState(false);
  const preview = useQuery(
    trpc.datasets.preview.queryOptions({ id: dataset.id, offset, limit: PAGE }, { placeholderData: keepPreviousData }),
  );
  const goTo = (next: number) =>
    router.replace(next > 0 ? `${pathname}?from=${next + 1}` : pathname, { scroll: false });
  const last = Math.min(offset + PAGE, dataset.row_count);
  return (
    <section aria-labelledby="rows">
      <div className="mb-1 flex flex-wrap items-center gap-x-2 gap-y-1">
        <h2 id="rows" className="mr-auto text-base font-semibold">
          Rows
        </h2>
        <Button variant="ghost" aria-pressed={expanded} onClick={() => setExpanded(!expanded)}>
          {expanded ? 'Clip texts' : 'Show full texts'}
        </Button>
        <span className="text-sm text-muted" role="status">
          {dataset.row_count ? `${formatCount(offset + 1)}–${formatCount(last)}` : 0} of{' '}
          {formatCount(dataset.row_count)}
        </span>
        <span className="flex">
          <IconButton
            label="Previous rows"
            icon={<ChevronLeft aria-hidden />}
            disabled={offset === 0}
            onClick={() => goTo(Math.max(0, offset - PAGE))}
          />
          <IconButton
            label="Next rows"
            icon={<ChevronRight aria-hidden />}
            disabled={last >= dataset.row_count}
            onClick={() => goTo(offset + PAGE)}
          />
        </span>
      </div>
      {preview.isPending ? (
        <TableSkeleton columns={dataset.columns.length} label="Loading rows" />
      ) : preview.isError ? (
        <ErrorState title="The rows could not be loaded" error={preview.error} onRetry={() => preview.refetch()} />
      ) : (
        <Table
          label="Rows"
          scroll="box"
          boxClassName="max-h-[75vh] border-t"
          className={preview.isPlaceholderData ? 'opacity-50' : undefined}
        >
          <THead>
            <Tr>
              <Th numeric className="w-px">
                Row
              </Th>
              {preview.data.columns.map((column) => (
                <Th key={column} className="font-mono">
                  {column}
                </Th>
              ))}
            </Tr>
          </THead>
          <TBody>
            {preview.data.rows.map(({ row_id, values }) => (
              <Tr key={row_id} className="align-top">
                <Td numeric className="text-faint">
                  {formatCount(row_id)}
                </Td>
                {values.map((value, index) => (
                  <PreviewCell key={preview.data.columns[index]} value={value} expanded={expanded} />
                ))}
              </Tr>
            ))}
          </TBody>
        </Table>
      )}
    </section>
  );
}
