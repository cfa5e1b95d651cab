import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { beginUpload, finishUpload, forgetUpload, touchUpload } from '@touchstone/db';
import type { Dataset, DatasetColumn } from '@touchstone/schemas';
import { keys, StorageError } from '@touchstone/storage';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { writeTable } from '../parquet/write.ts';
import { CsvProblem, readCsv } from './csv.ts';
import { findHeaderProblem } from './header.ts';
import { toDataset } from './service.ts';

export type Upload = { name?: string; filename: string; body: Readable; limit_bytes: number };

/** The body is longer than what the instance takes. */
export class UploadTooLarge extends Error {}

async function* limited(body: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit)
      throw new UploadTooLarge(`The file is larger than ${limit / 1024 / 1024} MB, the limit of this instance.`);
    yield chunk;
  }
}

const TOUCH_MS = 10_000;

/**
 * Stores a CSV file as uploaded and as a table. Of a file that is refused or cut off nothing is kept; should the server die
 * on the way, the sweep removes what it left.
 * @throws UploadTooLarge, or AppError INVALID naming the line.
 */
export async function uploadDataset(ctx: Ctx, { name, filename, body, limit_bytes }: Upload): Promise<Dataset> {
  const id = randomUUID();
  const title = (name?.trim() || filename.replace(/\.csv$/i, '').trim() || 'dataset').slice(0, 200);
  await beginUpload(ctx.db, { id, name: title, filename });
  const heartbeat = setInterval(() => void touchUpload(ctx.db, id).catch(() => {}), TOUCH_MS);
  try {
    const source = await ctx.storage.writeStream(keys.datasetSource(id), limited(body, limit_bytes));
    const table = await writeSourceAsTable(ctx, id);
    const record = await finishUpload(ctx.db, id, {
      size_bytes: source.size,
      sha256: source.sha256,
      data_sha256: table.sha256,
      row_count: table.row_count,
      columns: table.columns,
    });
    return toDataset(record);
  } catch (error) {
    await ctx.storage.removePrefix(keys.datasetPrefix(id));
    await forgetUpload(ctx.db, id);
    if (error instanceof CsvProblem) throw new AppError('INVALID', error.message);
    if (error instanceof StorageError) throw new AppError('UPSTREAM', `The file could not be stored: ${error.message}`);
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

async function writeSourceAsTable(
  ctx: Ctx,
  id: string,
): Promise<{ sha256: string; row_count: number; columns: DatasetColumn[] }> {
  const records = readCsv(await ctx.storage.readStream(keys.datasetSource(id)));
  const first = await records.next();
  if (first.done) throw new CsvProblem('The file is empty.');
  const problem = findHeaderProblem(first.value.values);
  if (problem) throw new CsvProblem(problem);
  const columns = first.value.values.map((name) => ({ name, blank: 0 }));
  let row_count = 0;

  async function* countBlanks(): AsyncGenerator<string[]> {
    for await (const { values } of records) {
      row_count += 1;
      for (const [i, value] of values.entries()) if (value.trim() === '') columns[i]!.blank += 1;
      yield values;
    }
    if (row_count === 0) throw new CsvProblem('The file has a header and no rows.');
  }

  const { sha256 } = await writeTable(
    ctx.storage,
    keys.datasetData(id),
    columns.map((column) => column.name),
    countBlanks(),
  );
  return { sha256, row_count, columns };
}
