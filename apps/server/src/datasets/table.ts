import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { type DatasetColumn, MAX_CELL_BYTES } from '@touchstone/schemas';
import type { Storage } from '@touchstone/storage';
import { createParquetWriter } from '../parquet/writer.ts';
import { findHeaderProblem } from './header.ts';
import { TableProblem } from './problem.ts';
import type { RowSink } from './table-parser.ts';

export type StoredTable = {
  data_sha256: string;
  row_count: number;
  columns: DatasetColumn[];
  /** Of all values in UTF-8, with what parts one from the next: about what they are as CSV. */
  text_bytes: number;
};

/** A table on its way into storage: values go in by RowSink's methods, and are written by `flush`, `finish` or never. */
export type TableOutput = RowSink & {
  /** Waits while storage is behind. To be called after every piece of the source. */
  flush(): Promise<void>;
  /** @throws TableProblem where there was no header or no row. */
  finish(): Promise<StoredTable>;
  /** Nothing is kept. After `finish` it does nothing. */
  discard(): Promise<void>;
};

/** White space begins with one of these, or is no ASCII. */
const isSurelyFilled = (byte: number) => byte > 0x20 && byte < 0x7f;

export function openTableOutput(storage: Storage, key: string): TableOutput {
  const body = new PassThrough({ highWaterMark: 1024 * 1024 });
  // What ends it early is told by `written`.
  body.on('error', () => {});
  const written = storage.writeStream(key, body);
  written.catch(() => {});
  let writer: ReturnType<typeof createParquetWriter> | null = null;
  let columns: DatasetColumn[] = [];
  let column = 0;
  let text_bytes = 0;
  /** The last row group, compressed and written while the next one fills. */
  let writing = Promise.resolve();

  async function write(pieces: AsyncIterable<Buffer>): Promise<void> {
    for await (const piece of pieces) {
      if (!body.write(piece)) await Promise.race([once(body, 'drain'), written]);
    }
  }

  return {
    columns(names) {
      const problem = findHeaderProblem(names);
      if (problem) throw new TableProblem(problem);
      columns = names.map((name) => ({ name, blank: 0 }));
      writer = createParquetWriter(names);
    },
    cell(buffer, start, end) {
      if (start === end || (!isSurelyFilled(buffer[start]!) && buffer.toString('utf8', start, end).trim() === '')) {
        columns[column]!.blank += 1;
      }
      writer!.cell(buffer, start, end);
      text_bytes += end - start + 1;
      column += 1;
    },
    text(value) {
      const place = () => `Row ${writer!.rowCount() + 1}, column "${columns[column]!.name}"`;
      const bytes = Buffer.byteLength(value);
      if (bytes > MAX_CELL_BYTES) {
        throw new TableProblem(`${place()}: the value is longer than 1 MB.`);
      }
      if (value.includes('\0')) throw new TableProblem(`${place()}: the value contains a NUL character.`);
      if (value.trim() === '') columns[column]!.blank += 1;
      writer!.text(value);
      text_bytes += bytes + 1;
      column += 1;
    },
    endRow() {
      column = 0;
      writer!.endRow();
    },
    async flush() {
      if (!writer?.isGroupFull()) return;
      await writing;
      writing = write(writer.write());
      // Its failure is met where it is awaited.
      writing.catch(() => {});
    },
    async finish() {
      if (!writer) throw new TableProblem('The file is empty.');
      const row_count = writer.rowCount();
      if (row_count === 0) throw new TableProblem('The file has a header and no rows.');
      await writing;
      await write(writer.finish());
      body.end();
      const { sha256 } = await written;
      return { data_sha256: sha256, row_count, columns, text_bytes };
    },
    async discard() {
      writer?.close();
      await writing.catch(() => {});
      body.destroy();
      await written.catch(() => {});
    },
  };
}
