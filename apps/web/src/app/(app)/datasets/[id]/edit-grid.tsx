'use client';

import type { DatasetPreview } from '@touchstone/schemas';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Table, TBody, THead, Th, Tr } from '@/components/table.tsx';
import { cx } from '@/lib/cx.ts';
import { formatCount } from '@/lib/format.ts';
import { type Edits, movePlace, type Place } from './edits.ts';
import { CLIPPED_CHARACTERS } from './preview-cell.tsx';

type EditGridProps = {
  preview: DatasetPreview;
  edits: Edits;
  onEdit: (cell: { row_id: number; column: string; stored: string; value: string }) => void;
  /** Another page is on its way: these rows are not edited any more. */
  isStale: boolean;
  className?: string | undefined;
};

/**
 * The rows as a grid: arrow keys select a cell; Enter, F2, typing or a double click edits it; Enter keeps what was written, Escape
 * does not, Shift and Enter make a new line, Delete empties the cell.
 */
export function EditGrid({ preview, edits, onEdit, isStale, className }: EditGridProps) {
  const { columns, rows } = preview;
  const [place, setPlace] = useState<Place>({ row: 0, column: 0 });
  /** What the editor starts with; null: no cell is being edited. */
  const [draft, setDraft] = useState<string | null>(null);
  const selected = useRef<HTMLTableCellElement>(null);
  const takesFocus = useRef(false);
  // Another page has other rows.
  const first = rows[0]?.row_id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: an editor belongs to the page it was opened on
  useEffect(() => setDraft(null), [first]);
  useEffect(() => {
    if (draft !== null || !takesFocus.current) return;
    takesFocus.current = false;
    selected.current?.focus();
  });

  const valueAt = ({ row, column }: Place) => {
    const { row_id, values } = rows[row]!;
    const stored = values[column]!;
    const name = columns[column]!;
    const edited = edits.get(row_id)?.get(name);
    return { row_id, column: name, stored, value: edited ?? stored, isEdited: edited !== undefined };
  };
  const select = (next: Place) => {
    takesFocus.current = true;
    setPlace(next);
  };
  const keep = (value: string) => {
    const { row_id, column, stored } = valueAt(place);
    onEdit({ row_id, column, stored, value });
    setDraft(null);
  };
  const at = (row: number, column: number) => row === place.row && column === place.column;

  function onCellKey(event: KeyboardEvent) {
    if (event.altKey || event.ctrlKey || event.metaKey || isStale) return;
    const next = movePlace(place, event.key, { rows: rows.length, columns: columns.length });
    if (next) select(next);
    else if (event.key === 'Enter' || event.key === 'F2') setDraft(valueAt(place).value);
    else if (event.key === 'Delete' || event.key === 'Backspace') keep('');
    else if (event.key.length === 1) setDraft(event.key);
    else return;
    event.preventDefault();
  }

  function onEditorKey(event: KeyboardEvent<HTMLTextAreaElement>) {
    event.stopPropagation();
    if (event.nativeEvent.isComposing) return;
    const { value } = event.currentTarget;
    if (event.key === 'Escape') {
      select(place);
      setDraft(null);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      keep(value);
      select({ ...place, row: Math.min(rows.length - 1, place.row + 1) });
    } else if (event.key === 'Tab') {
      keep(value);
      const step = event.shiftKey ? -1 : 1;
      select({ ...place, column: Math.max(0, Math.min(columns.length - 1, place.column + step)) });
    } else return;
    event.preventDefault();
  }

  return (
    <Table
      label="Rows"
      role="grid"
      aria-describedby="edit-help"
      aria-busy={isStale}
      scroll="box"
      boxClassName="max-h-[75vh] border-t"
      className={className}
    >
      <THead>
        <Tr>
          <Th numeric className="w-px">
            Row
          </Th>
          {columns.map((column) => (
            <Th key={column} className="font-mono">
              {column}
            </Th>
          ))}
        </Tr>
      </THead>
      <TBody>
        {rows.map(({ row_id }, row) => (
          <tr key={row_id} className="align-top">
            <th scope="row" className="h-9 border-b px-3 py-1.5 pl-0 text-right font-normal text-faint">
              {formatCount(row_id)}
            </th>
            {columns.map((name, column) => {
              const { value, isEdited } = valueAt({ row, column });
              const isSelected = at(row, column);
              return (
                <td
                  key={name}
                  ref={isSelected ? selected : null}
                  tabIndex={isSelected ? 0 : -1}
                  onFocus={() => !isSelected && setPlace({ row, column })}
                  onClick={() => !isSelected && select({ row, column })}
                  onDoubleClick={() => {
                    if (isStale) return;
                    setPlace({ row, column });
                    setDraft(value);
                  }}
                  onKeyDown={isSelected && draft === null ? onCellKey : undefined}
                  className={cx(
                    'h-9 cursor-cell border-r border-b px-3 py-1.5 focus-visible:-outline-offset-2',
                    value.length > 40 && 'min-w-64',
                    isEdited && 'bg-warn-soft shadow-[inset_3px_0_0_var(--warn)]',
                  )}
                >
                  {isSelected && draft !== null ? (
                    <Editor
                      label={`Row ${row_id}, ${name}`}
                      initial={draft}
                      onKeyDown={onEditorKey}
                      onBlur={(text) => keep(text)}
                    />
                  ) : (
                    <span className="clip-lines-3 max-w-[80ch] [overflow-wrap:anywhere] whitespace-pre-line">
                      {value.trim() === '' ? (
                        <span className="text-faint italic">blank</span>
                      ) : (
                        value.slice(0, CLIPPED_CHARACTERS)
                      )}
                    </span>
                  )}
                  {isEdited && <span className="sr-only">, changed</span>}
                </td>
              );
            })}
          </tr>
        ))}
      </TBody>
    </Table>
  );
}

type EditorProps = {
  label: string;
  initial: string;
  onKeyDown: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
  onBlur: (value: string) => void;
};

function Editor({ label, initial, onKeyDown, onBlur }: EditorProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const { current } = field;
    current!.focus();
    current!.setSelectionRange(current!.value.length, current!.value.length);
  }, []);
  return (
    <textarea
      ref={field}
      aria-label={label}
      defaultValue={initial}
      onKeyDown={onKeyDown}
      onBlur={(event) => onBlur(event.currentTarget.value)}
      className="field-sizing-content -mx-1.5 -my-0.5 block max-h-[50vh] min-h-8 w-[calc(100%+12px)] max-w-[80ch] min-w-32 rounded-sm border border-accent bg-canvas px-1 py-0.5 text-sm outline-none"
    />
  );
}
