import { createCompressor } from './compressor.ts';
import { createThrift, type Thrift } from './thrift.ts';

/** A row group is a unit of reading: large enough to compress, small enough that a page of rows is there at once. */
const GROUP_BYTES = 4 * 1024 * 1024;
const GROUP_ROWS = 100_000;

const MAGIC = Buffer.from('PAR1');
const TYPE_INT64 = 2;
const TYPE_BYTE_ARRAY = 6;
const REPETITION_REQUIRED = 0;
const CONVERTED_UTF8 = 0;
const ENCODING_PLAIN = 0;
const ENCODING_RLE = 3;
const CODEC_ZSTD = 6;
const PAGE_DATA = 0;

type Chunk = { offset: number; uncompressed: number; compressed: number };
type Group = { rows: number; first: number; chunks: Chunk[] };
/** Values of one column in Parquet's plain encoding: each string as its length (int32) and its bytes. */
type Values = { bytes: Buffer; used: number };
type FullGroup = { rows: number; first: number; values: Values[] };

/**
 * Writes a table as Parquet: `row_id` (int64, from 0) and columns of strings, none of them null. Memory is bounded by a few row
 * groups, and values go from the reader's buffer to the page without becoming strings.
 * https://parquet.apache.org/docs/file-format/
 */
export function createParquetWriter(columns: readonly string[]) {
  const compressor = createCompressor();
  const groups: Group[] = [];
  let offset = 0;
  let rows = 0;
  let column = 0;
  let bytes = 0;
  /** Memory of groups that were written. */
  const spare: Values[][] = [];
  let current = newGroup(0);
  /** Ended, not written yet. */
  let full: FullGroup[] = [];

  function newGroup(first: number): FullGroup {
    const values = spare.pop() ?? columns.map(() => ({ bytes: Buffer.allocUnsafeSlow(4096), used: 0 }));
    return { rows: 0, first, values };
  }

  /** Room for a value of the next column, whose length is written. */
  function place(size: number): Values {
    const at = current.values[column]!;
    const needed = at.used + size + 4;
    if (needed > at.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(at.bytes.length * 2, needed));
      at.bytes.copy(larger, 0, 0, at.used);
      at.bytes = larger;
    }
    at.bytes.writeInt32LE(size, at.used);
    at.used += 4;
    bytes += size + 4;
    column += 1;
    return at;
  }

  function endGroup(): void {
    if (current.rows === 0) return;
    full.push(current);
    bytes = 0;
    current = newGroup(rows);
  }

  function count(piece: Buffer): Buffer {
    offset += piece.length;
    return piece;
  }

  async function* writeGroup({ rows, first, values }: FullGroup): AsyncGenerator<Buffer> {
    const chunks: Chunk[] = [];
    for (const plain of [rowIds(first, rows), ...values.map(({ bytes, used }) => bytes.subarray(0, used))]) {
      const body = await compressor.compress(plain);
      const header = pageHeader(rows, plain.length, body.length);
      chunks.push({ offset, uncompressed: header.length + plain.length, compressed: header.length + body.length });
      yield count(header);
      yield count(body);
    }
    groups.push({ rows, first, chunks });
    for (const column of values) column.used = 0;
    spare.push(values);
  }

  return {
    /** The row's next value. */
    cell(source: Buffer, start: number, end: number): void {
      const at = place(end - start);
      at.used += source.copy(at.bytes, at.used, start, end);
    },
    text(value: string): void {
      const at = place(Buffer.byteLength(value));
      at.used += at.bytes.write(value, at.used);
    },
    endRow(): void {
      column = 0;
      rows += 1;
      current.rows += 1;
      if (bytes >= GROUP_BYTES || current.rows >= GROUP_ROWS) endGroup();
    },
    rowCount: () => rows,
    isGroupFull: () => full.length > 0,
    /** What can be written to the file by now; to be asked again and again while rows are added. */
    async *write(): AsyncGenerator<Buffer> {
      const ended = full;
      full = [];
      for (const group of ended) {
        if (offset === 0) yield count(MAGIC);
        yield* writeGroup(group);
      }
    },
    /** The rest of the file. */
    async *finish(): AsyncGenerator<Buffer> {
      endGroup();
      yield* this.write();
      if (offset === 0) yield count(MAGIC);
      const footer = footerOf(columns, rows, groups);
      const length = Buffer.alloc(4);
      length.writeInt32LE(footer.length);
      yield Buffer.concat([footer, length, MAGIC]);
    },
    /** Whether it was finished or not, lets go of what it holds. */
    close: () => compressor.close(),
  };
}

function rowIds(first: number, count: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(count * 8);
  for (let i = 0; i < count; i++) bytes.writeBigInt64LE(BigInt(first + i), i * 8);
  return bytes;
}

function pageHeader(count: number, uncompressed: number, compressed: number): Buffer {
  const thrift = createThrift();
  thrift.i32(1, PAGE_DATA);
  thrift.i32(2, uncompressed);
  thrift.i32(3, compressed);
  thrift.struct(5, () => {
    thrift.i32(1, count);
    thrift.i32(2, ENCODING_PLAIN);
    thrift.i32(3, ENCODING_RLE);
    thrift.i32(4, ENCODING_RLE);
  });
  return thrift.end();
}

/** FileMetaData of parquet.thrift. */
function footerOf(columns: readonly string[], rows: number, groups: readonly Group[]): Buffer {
  const names = ['row_id', ...columns];
  const thrift = createThrift();
  thrift.i32(1, 1);
  thrift.structs(2, ['', ...names], (name) => {
    if (name === '') {
      thrift.text(4, 'schema');
      thrift.i32(5, names.length);
      return;
    }
    const isText = name !== 'row_id';
    thrift.i32(1, isText ? TYPE_BYTE_ARRAY : TYPE_INT64);
    thrift.i32(3, REPETITION_REQUIRED);
    thrift.text(4, name);
    if (isText) {
      thrift.i32(6, CONVERTED_UTF8);
      thrift.struct(10, () => thrift.struct(1, () => {}));
    }
  });
  thrift.i64(3, rows);
  thrift.structs(4, groups, (group) => {
    thrift.structs(
      1,
      group.chunks.map((chunk, i) => ({ chunk, i })),
      ({ chunk, i }) => {
        thrift.i64(2, chunk.offset);
        thrift.struct(3, () => columnMetadata(thrift, names[i]!, group, chunk, i === 0));
      },
    );
    thrift.i64(
      2,
      group.chunks.reduce((sum, chunk) => sum + chunk.uncompressed, 0),
    );
    thrift.i64(3, group.rows);
  });
  thrift.text(6, 'touchstone');
  // The order of a type's values, which smallest and largest go by.
  thrift.structs(7, names, () => thrift.struct(1, () => {}));
  return thrift.end();
}

function columnMetadata(thrift: Thrift, name: string, group: Group, chunk: Chunk, isRowId: boolean): void {
  thrift.i32(1, isRowId ? TYPE_INT64 : TYPE_BYTE_ARRAY);
  thrift.i32s(2, [ENCODING_PLAIN]);
  thrift.texts(3, [name]);
  thrift.i32(4, CODEC_ZSTD);
  thrift.i64(5, group.rows);
  thrift.i64(6, chunk.uncompressed);
  thrift.i64(7, chunk.compressed);
  thrift.i64(9, chunk.offset);
  // By these a reader finds the groups that hold the rows of a page.
  if (isRowId) {
    thrift.struct(12, () => {
      thrift.i64(3, 0);
      thrift.binary(5, int64(group.first + group.rows - 1));
      thrift.binary(6, int64(group.first));
    });
  }
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}
