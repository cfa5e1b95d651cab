import { createTextReader } from './encoding.ts';
import type { RowSink, TableParser } from './table-parser.ts';

/** A sink that keeps what it is given: the columns' names, then the rows. */
export function collectRows(): { sink: RowSink; table: string[][] } {
  const table: string[][] = [];
  let row: string[] = [];
  const sink: RowSink = {
    columns: (names) => table.push([...names]),
    cell: (buffer, start, end) => row.push(buffer.toString('utf8', start, end)),
    text: (value) => row.push(value),
    endRow() {
      table.push(row);
      row = [];
    },
  };
  return { sink, table };
}

/** Has a parser read a file in pieces of `size` bytes. */
export function feed(parser: TableParser, text: string | Buffer, size: number): void {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const reader = createTextReader(parser, bytes.subarray(0, 4));
  for (let i = 0; i < bytes.length; i += size) reader.push(bytes.subarray(i, i + size));
  reader.end();
}
