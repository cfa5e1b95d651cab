import type { CellChange } from '@touchstone/schemas';

/** Cells that were changed and not saved yet: by row, then by column. */
export type Edits = ReadonlyMap<number, ReadonlyMap<string, string>>;

export const NO_EDITS: Edits = new Map();

/** With one more cell changed; a value that is what the dataset has is no change. */
export function withEdit(edits: Edits, cell: { row_id: number; column: string; stored: string; value: string }): Edits {
  const row = new Map(edits.get(cell.row_id));
  if (cell.value === cell.stored) row.delete(cell.column);
  else row.set(cell.column, cell.value);
  const next = new Map(edits);
  if (row.size === 0) next.delete(cell.row_id);
  else next.set(cell.row_id, row);
  return next;
}

export function countEdits(edits: Edits): number {
  let count = 0;
  for (const row of edits.values()) count += row.size;
  return count;
}

export function toChanges(edits: Edits): CellChange[] {
  return [...edits].flatMap(([row_id, row]) => [...row].map(([column, value]) => ({ row_id, column, value })));
}

export type Place = { row: number; column: number };

/** Where a key takes the selected cell; null where the key is none of a grid's. */
export function movePlace(
  place: Place,
  key: string,
  { rows, columns }: { rows: number; columns: number },
): Place | null {
  const steps: Record<string, [row: number, column: number]> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    Home: [0, -columns],
    End: [0, columns],
    PageUp: [-rows, 0],
    PageDown: [rows, 0],
  };
  const step = steps[key];
  if (!step) return null;
  const within = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));
  return { row: within(place.row + step[0], rows), column: within(place.column + step[1], columns) };
}
