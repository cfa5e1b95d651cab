import { Readable } from 'node:stream';
import type { DatasetFormat } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { Ctx } from '../context.ts';
import { quoteName } from '../rows/store.ts';
import { getDatasetRecord } from './service.ts';

export type DatasetFile = { filename: string; content_type: string; stream: Readable; size?: number };

const CONTENT_TYPES: Record<DatasetFormat, string> = {
  csv: 'text/csv',
  jsonl: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
};

/** Where the bytes are as they were uploaded; null of a dataset that was made here. */
export async function findDatasetSource(
  ctx: Ctx,
  id: string,
): Promise<{ key: string; filename: string; content_type: string; size: number } | null> {
  const { filename, format, size_bytes } = await getDatasetRecord(ctx, id);
  if (format === null) return null;
  const key = keys.datasetSource(id, format);
  return { key, filename, content_type: CONTENT_TYPES[format], size: Number(size_bytes) };
}

/** The bytes as they were uploaded; of a dataset that was made here, its rows as CSV. */
export async function openDatasetSource(ctx: Ctx, id: string): Promise<DatasetFile> {
  const source = await findDatasetSource(ctx, id);
  if (!source) return openDatasetAsCsv(ctx, id);
  const { key, ...file } = source;
  return { ...file, stream: await ctx.storage.readStream(key) };
}

/** A value as a CSV field. Alone on its line an empty one is quoted, or the line would be no row. */
const toField = (value: string, isAlone: boolean) =>
  /[",\r\n]/.test(value) || (isAlone && value === '') ? `"${value.replaceAll('"', '""')}"` : value;

/** The rows as CSV in UTF-8, written while they are sent. */
export async function openDatasetAsCsv(ctx: Ctx, id: string): Promise<DatasetFile> {
  const { filename, columns, data_sha256 } = await getDatasetRecord(ctx, id);
  const names = columns.map((column) => column.name);
  const isAlone = names.length === 1;
  const toLine = (values: readonly string[]) => `${values.map((value) => toField(value, isAlone)).join(',')}\r\n`;
  const data = await ctx.row_store.localFile(keys.datasetData(id), data_sha256);
  const pieces = ctx.row_store.stream<Record<string, string>>(
    `SELECT ${names.map(quoteName).join(', ')} FROM read_parquet(${data})`,
  );
  async function* write() {
    yield toLine(names);
    for await (const rows of pieces) yield rows.map((row) => toLine(names.map((name) => row[name]!))).join('');
  }
  return {
    filename: `${filename.replace(/\.(csv|jsonl|ndjson|json|parquet)$/i, '')}.csv`,
    content_type: 'text/csv; charset=utf-8',
    stream: Readable.from(write()),
  };
}
