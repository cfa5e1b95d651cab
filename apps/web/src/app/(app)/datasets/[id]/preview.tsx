'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Dataset, DatasetPreview } from '@touchstone/schemas';
import { ChevronLeft, ChevronRight, Pencil } from 'lucide-react';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { toast } from '@/components/toast.tsx';
import { formatCount } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { EditGrid } from './edit-grid.tsx';
import { countEdits, type Edits, NO_EDITS, withEdit } from './edits.ts';
import { GoToRow } from './go-to-row.tsx';
import { PreviewCell } from './preview-cell.tsx';
import { SaveVersion } from './save-version.tsx';

const PAGE = 20;
/** Columns side by side: a browser is slow with a thousand. */
const COLUMNS = 50;

type PreviewProps = { dataset: Dataset; edits: Edits; onEditsChange: (change: (edits: Edits) => Edits) => void };

/** The dataset's rows, a page at a time; the page is in the URL. Cells can be edited and saved as a new version. */
export function Preview({ dataset, edits, onEditsChange }: PreviewProps) {
  const trpc = useTRPC();
  const router = useRouter();
  const pathname = usePathname();
  const wanted = Number.parseInt(useSearchParams().get('from') ?? '1', 10) - 1;
  const offset = Math.min(Math.max(0, wanted || 0), Math.max(0, dataset.row_count - 1));
  const [expanded, setExpanded] = useState(false);
  const [editing, setEditing] = useState(countEdits(edits) > 0);
  const preview = useQuery(
    trpc.datasets.preview.queryOptions({ id: dataset.id, offset, limit: PAGE }, { placeholderData: keepPreviousData }),
  );
  const [firstColumn, setFirstColumn] = useState(0);
  const goTo = (next: number) =>
    router.replace(next > 0 ? `${pathname}?from=${next + 1}` : pathname, { scroll: false });
  const last = Math.min(offset + PAGE, dataset.row_count);
  const dimmed = preview.isPlaceholderData ? 'opacity-50' : undefined;
  return (
    <section aria-labelledby="rows">
      <div className="mb-1 flex flex-wrap items-center gap-x-2 gap-y-1">
        <h2 id="rows" className="mr-auto text-base font-semibold">
          Rows
        </h2>
        <Button
          variant="ghost"
          icon={<Pencil aria-hidden />}
          aria-pressed={editing}
          disabled={editing && countEdits(edits) > 0}
          onClick={() => setEditing(!editing)}
        >
          {editing ? 'Stop editing' : 'Edit cells'}
        </Button>
        {!editing && (
          <Button variant="ghost" aria-pressed={expanded} onClick={() => setExpanded(!expanded)}>
            {expanded ? 'Clip texts' : 'Show full texts'}
          </Button>
        )}
        {dataset.row_count > PAGE && (
          <GoToRow last={dataset.row_count - 1} onGo={(row_id) => goTo(row_id - (row_id % PAGE))} />
        )}
        {dataset.columns.length > COLUMNS && (
          <ColumnPager first={firstColumn} count={dataset.columns.length} onChange={setFirstColumn} />
        )}
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
      {editing && (
        <div className="mb-2 space-y-2">
          <p id="edit-help" className="text-sm text-muted">
            Choose a cell with the arrow keys or a click. Enter or a double click edits it; Enter keeps it, Shift+Enter
            makes a new line, Esc leaves it as it was.
          </p>
          <SaveVersion
            dataset={dataset}
            edits={edits}
            onDiscard={() => onEditsChange(() => NO_EDITS)}
            onSaved={(version) => {
              onEditsChange(() => NO_EDITS);
              setEditing(false);
              toast(`Version ${version.version} of ${version.name} was saved.`);
              router.push(`/datasets/${version.id}${offset > 0 ? `?from=${offset + 1}` : ''}`);
            }}
          />
        </div>
      )}
      {preview.isPending ? (
        <TableSkeleton columns={dataset.columns.length} label="Loading rows" />
      ) : preview.isError ? (
        <ErrorState title="The rows could not be loaded" error={preview.error} onRetry={() => preview.refetch()} />
      ) : editing ? (
        <EditGrid
          key={firstColumn}
          preview={cutColumns(preview.data, firstColumn)}
          edits={edits}
          onEdit={(cell) => onEditsChange((current) => withEdit(current, cell))}
          isStale={preview.isPlaceholderData}
          className={dimmed}
        />
      ) : (
        <RowTable preview={cutColumns(preview.data, firstColumn)} expanded={expanded} className={dimmed} />
      )}
    </section>
  );
}

function cutColumns(preview: DatasetPreview, first: number): DatasetPreview {
  if (preview.columns.length <= COLUMNS) return preview;
  const cut = (list: readonly string[]) => list.slice(first, first + COLUMNS);
  return {
    ...preview,
    columns: cut(preview.columns),
    rows: preview.rows.map(({ row_id, values }) => ({ row_id, values: cut(values) })),
  };
}

type ColumnPagerProps = { first: number; count: number; onChange: (first: number) => void };

function ColumnPager({ first, count, onChange }: ColumnPagerProps) {
  return (
    <span className="flex items-center text-sm text-muted">
      <span role="status">
        Columns {formatCount(first + 1)}–{formatCount(Math.min(first + COLUMNS, count))} of {formatCount(count)}
      </span>
      <IconButton
        label="Previous columns"
        icon={<ChevronLeft aria-hidden />}
        disabled={first === 0}
        onClick={() => onChange(first - COLUMNS)}
      />
      <IconButton
        label="Next columns"
        icon={<ChevronRight aria-hidden />}
        disabled={first + COLUMNS >= count}
        onClick={() => onChange(first + COLUMNS)}
      />
    </span>
  );
}

type RowTableProps = { preview: DatasetPreview; expanded: boolean; className: string | undefined };

function RowTable({ preview, expanded, className }: RowTableProps) {
  return (
    <Table label="Rows" scroll="box" boxClassName="max-h-[75vh] border-t" className={className}>
      <THead>
        <Tr>
          <Th numeric className="w-px">
            Row
          </Th>
          {preview.columns.map((column) => (
            <Th key={column} className="max-w-72 truncate font-mono" title={column}>
              {column}
            </Th>
          ))}
        </Tr>
      </THead>
      <TBody>
        {preview.rows.map(({ row_id, values }) => (
          <Tr key={row_id} className="align-top">
            <Td numeric className="text-faint">
              {formatCount(row_id)}
            </Td>
            {values.map((value, index) => (
              <PreviewCell key={preview.columns[index]} value={value} expanded={expanded} />
            ))}
          </Tr>
        ))}
      </TBody>
    </Table>
  );
}
