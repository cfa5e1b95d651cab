import type { Readable } from 'node:stream';
import {
  type DatasetRecord,
  findDataset,
  listDatasets as findDatasets,
  listExperimentNamesOfDataset,
  lockDataset,
  markDatasetDeleted,
} from '@touchstone/db';
import type { Dataset, DatasetPreview } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { Ctx } from '../context.ts';
import { AppError, notFound } from '../errors.ts';
import { cutPage, readCursor } from '../paging.ts';
import { quoteName } from '../rows/store.ts';

export function toDataset(row: DatasetRecord): Dataset {
  const { id, name, filename, sha256, row_count, columns, experiment_count } = row;
  return {
    id,
    name,
    filename,
    size_bytes: Number(row.size_bytes),
    sha256,
    row_count,
    columns,
    created_at: row.created_at.toISOString(),
    experiment_count,
  };
}

/** @throws AppError NOT_FOUND */
export async function getDatasetRecord(ctx: Pick<Ctx, 'db'>, id: string): Promise<DatasetRecord> {
  const row = await findDataset(ctx.db, id);
  if (!row) throw notFound('dataset', id);
  return row;
}

export async function getDataset(ctx: Ctx, id: string): Promise<Dataset> {
  return toDataset(await getDatasetRecord(ctx, id));
}

export async function listDatasets(
  ctx: Ctx,
  { cursor, limit, search }: { cursor?: string | null | undefined; limit: number; search: string },
): Promise<{ items: Dataset[]; next_cursor: string | null }> {
  const found = await findDatasets(ctx.db, { search, after: readCursor(cursor), limit: limit + 1 });
  const { items, next_cursor } = cutPage(found, limit);
  return { items: items.map(toDataset), next_cursor };
}

export async function previewDataset(
  ctx: Ctx,
  { id, offset, limit }: { id: string; offset: number; limit: number },
): Promise<DatasetPreview> {
  const { columns, row_count, data_sha256 } = await getDatasetRecord(ctx, id);
  const names = columns.map((column) => column.name);
  const data = await ctx.row_store.localFile(keys.datasetData(id), data_sha256);
  const rows = await ctx.row_store.query<Record<string, string> & { row_id: bigint }>(
    `SELECT row_id, ${names.map(quoteName).join(', ')} FROM read_parquet(${data})
     WHERE row_id >= ${offset} AND row_id < ${offset + limit} ORDER BY row_id`,
  );
  return {
    columns: names,
    rows: rows.map((row) => ({ row_id: Number(row.row_id), values: names.map((name) => row[name]!) })),
    row_count,
  };
}

/** The bytes as they were uploaded. */
export async function openDatasetSource(
  ctx: Ctx,
  id: string,
): Promise<{ filename: string; stream: Readable; size: number }> {
  const { filename, size_bytes } = await getDatasetRecord(ctx, id);
  return { filename, stream: await ctx.storage.readStream(keys.datasetSource(id)), size: Number(size_bytes) };
}

/** Hides it at once; the reconciler removes its files. @throws AppError CONFLICT while an experiment uses it. */
export async function removeDataset(ctx: Ctx, id: string): Promise<{ id: string }> {
  await ctx.db.$transaction(async (tx) => {
    await lockDataset(tx, id);
    const { name, experiment_count } = await getDatasetRecord({ db: tx as Ctx['db'] }, id);
    if (experiment_count > 0) {
      const users = await listExperimentNamesOfDataset(tx, id, 3);
      const rest = experiment_count - users.length;
      throw new AppError(
        'CONFLICT',
        `"${name}" is used by ${users.map((user) => `"${user}"`).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}: delete ${experiment_count === 1 ? 'that experiment' : 'those experiments'} first.`,
      );
    }
    await markDatasetDeleted(tx, id);
  });
  return { id };
}
