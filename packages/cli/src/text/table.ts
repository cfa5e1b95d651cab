import type { Style } from './style.ts';
import { textWidth } from './width.ts';

export type Column = { title: string; align?: 'left' | 'right' };

const GAP = '  ';

/** Lines of aligned text: titles, a rule, then the rows. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[], style: Style): string[] {
  const widths = tableWidths(columns, rows);
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => pad(cell, widths[i]!, columns[i]!.align ?? 'left'))
      .join(GAP)
      .trimEnd();
  return [
    style.bold(line(columns.map((column) => column.title))),
    style.dim(widths.map((width) => '─'.repeat(width)).join(GAP)),
    ...rows.map(line),
  ];
}

/** Cells that the whole table takes in a terminal. */
export function tableWidth(columns: readonly Column[], rows: readonly (readonly string[])[]): number {
  return tableWidths(columns, rows).reduce((sum, width) => sum + width, 0) + GAP.length * (columns.length - 1);
}

function tableWidths(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  return columns.map((column, i) => Math.max(textWidth(column.title), ...rows.map((row) => textWidth(row[i]!))));
}

export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + space : space + text;
}
