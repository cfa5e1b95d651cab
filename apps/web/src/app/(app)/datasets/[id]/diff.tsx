'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { Fragment, useState } from 'react';
import { IconButton } from '@/components/button.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { Table, TBody, Td, THead, Th } from '@/components/table.tsx';
import { formatCount, formatCounted } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';

const PAGE = 50;

type DiffProps = { id: string; base_id: string; version: number; baseVersion: number };

/** The cells that differ, before and after, a page of rows at a time. */
export function Diff({ id, base_id, version, baseVersion }: DiffProps) {
  const trpc = useTRPC();
  const [offset, setOffset] = useState(0);
  const diff = useQuery(
    trpc.datasets.diff.queryOptions({ id, base_id, offset, limit: PAGE }, { placeholderData: keepPreviousData }),
  );
  if (diff.isPending) return <TableSkeleton rows={4} columns={4} label="Comparing the versions" />;
  if (diff.isError) {
    return <ErrorState title="The versions could not be compared" error={diff.error} onRetry={() => diff.refetch()} />;
  }
  const { changed_cells, changed_rows, columns, rows } = diff.data;
  if (changed_cells === 0) return <p className="text-muted">Every cell is the same.</p>;
  const last = Math.min(offset + PAGE, changed_rows);
  return (
    <>
      <div className="mb-1 flex flex-wrap items-center gap-x-4 gap-y-1">
        <p className="mr-auto text-muted">
          {formatCounted(changed_cells, 'cell')} in {formatCounted(changed_rows, 'row')}:{' '}
          {columns.map(({ name, changed }, index) => (
            <Fragment key={name}>
              {index > 0 && ', '}
              {formatCount(changed)} in <span className="font-mono text-fg">{name}</span>
            </Fragment>
          ))}
        </p>
        {changed_rows > PAGE && (
          <span className="flex items-center">
            <span className="mr-2 text-sm text-muted" role="status">
              {formatCount(offset + 1)}–{formatCount(last)} of {formatCount(changed_rows)} rows
            </span>
            <IconButton
              label="Previous changes"
              icon={<ChevronLeft aria-hidden />}
              disabled={offset === 0}
              onClick={() => setOffset(Math.max(0, offset - PAGE))}
            />
            <IconButton
              label="Next changes"
              icon={<ChevronRight aria-hidden />}
              disabled={last >= changed_rows}
              onClick={() => setOffset(offset + PAGE)}
            />
          </span>
        )}
      </div>
      <Table label="Changes" className={diff.isPlaceholderData ? 'opacity-50' : undefined}>
        <THead>
          <tr>
            <Th numeric className="w-px">
              Row
            </Th>
            <Th>Column</Th>
            <Th className="w-2/5">Before, v{baseVersion}</Th>
            <Th className="w-2/5">After, v{version}</Th>
          </tr>
        </THead>
        <TBody>
          {rows.flatMap(({ row_id, cells }) =>
            cells.map(({ column, before, after }, index) => (
              <tr key={`${row_id} ${column}`} className="align-top">
                <Td numeric className="text-faint">
                  {index === 0 ? formatCount(row_id) : <span className="sr-only">{formatCount(row_id)}</span>}
                </Td>
                <Td className="font-mono break-words">{column}</Td>
                <Td className="bg-danger-soft">
                  <Value text={before} />
                </Td>
                <Td className="bg-ok-soft last:pr-3">
                  <Value text={after} />
                </Td>
              </tr>
            )),
          )}
        </TBody>
      </Table>
    </>
  );
}

function Value({ text }: { text: string }) {
  if (text === '') return <span className="text-faint italic">empty</span>;
  return <p className="max-h-60 max-w-[80ch] overflow-y-auto break-words whitespace-pre-wrap">{text}</p>;
}
