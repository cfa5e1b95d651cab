import type { Readable } from 'node:stream';
import type { DatasetFacts } from '@touchstone/db';
import type { Dataset, DatasetFormat } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { createCsvParser } from './csv.ts';
import { createTextReader } from './encoding.ts';
import { HEAD_BYTES, recogniseFormat } from './format.ts';
import { createJsonlTableParser, createKeyScanner } from './jsonl.ts';
import { makeDataset } from './make.ts';
import { copyParquet } from './parquet.ts';
import { TableProblem } from './problem.ts';
import { openTableOutput } from './table.ts';
import type { TableParser } from './table-parser.ts';

export type Upload = { name?: string; filename: string; body: Readable; limit_bytes: number };

/** The body is longer than what the instance takes. */
export class UploadTooLarge extends Error {}

/** A Parquet file may unpack to so many times what may be uploaded. */
const UNPACKED = 20;

/**
 * Stores a CSV, JSON Lines or Parquet file as uploaded and as a table.
 * @throws UploadTooLarge, or AppError INVALID naming the line or column.
 */
export async function uploadDataset(ctx: Ctx, { name, filename, body, limit_bytes }: Upload): Promise<Dataset> {
  const title = name?.trim() || filename.replace(/\.(csv|tsv|txt|jsonl|ndjson|json|parquet)$/i, '').trim() || 'dataset';
  const chunks = limited(body, limit_bytes);
  const head = await readHead(chunks);
  const format = recognise(filename, head);
  return makeDataset(ctx, {
    begin: { name: title.slice(0, 200), filename, format },
    write: (id) => READERS[format](ctx, { id, head, chunks, limit_bytes }),
  });
}

function recognise(filename: string, head: Buffer): DatasetFormat {
  try {
    return recogniseFormat(filename, head);
  } catch (error) {
    if (error instanceof TableProblem) throw new AppError('INVALID', error.message);
    throw error;
  }
}

async function* limited(body: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit)
      throw new UploadTooLarge(`The file is larger than ${limit / 1024 / 1024} MB, the limit of this instance.`);
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}

/** The first chunks, by which the format is told. */
async function readHead(chunks: AsyncGenerator<Buffer>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < HEAD_BYTES) {
    const { value, done } = await chunks.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  return head;
}

async function* withHead(head: Buffer, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* chunks;
}

/** The same, with the next one on its way while one is used. */
async function* ahead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    let next = source.next();
    for (;;) {
      const { value, done } = await next;
      if (done) return;
      next = source.next();
      // Its failure is met where it is awaited.
      next.catch(() => {});
      yield value;
    }
  } finally {
    await source.return(undefined);
  }
}

/** `chunks`: what follows the head. */
type Reading = { id: string; head: Buffer; chunks: AsyncGenerator<Buffer>; limit_bytes: number };

/** Stores the source, and meanwhile has a parser read it. */
async function storeSource(
  ctx: Ctx,
  { id, head, chunks }: Reading,
  format: DatasetFormat,
  parser: TableParser | null,
  afterChunk: () => Promise<void> = async () => {},
): Promise<{ size_bytes: number; sha256: string }> {
  async function* readOn() {
    const reader = parser && createTextReader(parser, head);
    for await (const chunk of withHead(head, chunks)) {
      reader?.push(chunk);
      await afterChunk();
      yield chunk;
    }
    reader?.end();
  }
  const { size, sha256 } = await ctx.storage.writeStream(keys.datasetSource(id, format), ahead(readOn()));
  return { size_bytes: size, sha256 };
}

async function storeCsv(ctx: Ctx, reading: Reading): Promise<DatasetFacts> {
  const table = openTableOutput(ctx.storage, keys.datasetData(reading.id));
  try {
    const source = await storeSource(ctx, reading, 'csv', createCsvParser(table), () => table.flush());
    return { ...source, ...factsOf(await table.finish()) };
  } finally {
    await table.discard();
  }
}

/** Read twice: the columns are all the keys that any line has. */
async function storeJsonl(ctx: Ctx, reading: Reading): Promise<DatasetFacts> {
  const scanner = createKeyScanner();
  const source = await storeSource(ctx, reading, 'jsonl', scanner);
  const names = scanner.names();
  if (names.length === 0) throw new TableProblem('The file has no line with a key.');
  const table = openTableOutput(ctx.storage, keys.datasetData(reading.id));
  try {
    table.columns(names);
    const reader = createTextReader(createJsonlTableParser(names, table), reading.head);
    for await (const piece of await ctx.storage.readStream(keys.datasetSource(reading.id, 'jsonl'))) {
      reader.push(piece as Buffer);
      await table.flush();
    }
    reader.end();
    return { ...source, ...factsOf(await table.finish()) };
  } finally {
    await table.discard();
  }
}

async function storeParquet(ctx: Ctx, reading: Reading): Promise<DatasetFacts> {
  const source = await storeSource(ctx, reading, 'parquet', null);
  const file = await ctx.row_store.localFile(keys.datasetSource(reading.id, 'parquet'), source.sha256);
  const table = openTableOutput(ctx.storage, keys.datasetData(reading.id));
  try {
    await copyParquet(ctx.row_store, file, table, UNPACKED * reading.limit_bytes);
    return { ...source, ...factsOf(await table.finish()) };
  } finally {
    await table.discard();
  }
}

const READERS: Record<DatasetFormat, (ctx: Ctx, reading: Reading) => Promise<DatasetFacts>> = {
  csv: storeCsv,
  jsonl: storeJsonl,
  parquet: storeParquet,
};

type Finished = Awaited<ReturnType<ReturnType<typeof openTableOutput>['finish']>>;
const factsOf = ({ data_sha256, row_count, columns }: Finished) => ({ data_sha256, row_count, columns });
