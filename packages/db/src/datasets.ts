import type { DatasetColumn } from '@touchstone/schemas';
import type { Db } from './client.ts';
import type { dataset } from './generated/client.ts';

export type DatasetRecord = dataset & { columns: DatasetColumn[]; experiment_count: number };

const withCount = { _count: { select: { experiments: { where: { deleted_at: null } } } } } as const;
type Found = dataset & { _count: { experiments: number } };

function toRecord({ _count, ...row }: Found): DatasetRecord {
  return { ...row, columns: row.columns as DatasetColumn[], experiment_count: _count.experiments };
}

/** An upload that has begun: not seen by anybody until `finishUpload`. */
export async function beginUpload(db: Db, dataset: { id: string; name: string; filename: string }): Promise<void> {
  await db.dataset.create({ data: dataset });
}

/** Tells the sweep that the upload is alive. */
export async function touchUpload(db: Db, id: string): Promise<void> {
  await db.$executeRaw`UPDATE dataset SET touched_at = now() WHERE id = ${id}::uuid AND status = 'uploading'`;
}

export async function finishUpload(
  db: Db,
  id: string,
  facts: { size_bytes: number; sha256: string; data_sha256: string; row_count: number; columns: DatasetColumn[] },
): Promise<DatasetRecord> {
  const row = await db.dataset.update({ where: { id }, data: { ...facts, status: 'ready' }, include: withCount });
  return toRecord(row);
}

export async function forgetUpload(db: Db, id: string): Promise<void> {
  await db.dataset.deleteMany({ where: { id, status: 'uploading' } });
}

/** Uploads whose server has not touched them for a minute: cut off. */
export async function findAbandonedUploads(db: Db): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM dataset WHERE status = 'uploading' AND touched_at < now() - interval '1 minute' LIMIT 100`;
  return rows.map((row) => row.id);
}

export async function findDataset(db: Db, id: string): Promise<DatasetRecord | null> {
  const row = await db.dataset.findFirst({ where: { id, status: 'ready', deleted_at: null }, include: withCount });
  return row && toRecord(row);
}

/** Newest first; `after` is the last row of the page before. */
export async function listDatasets(
  db: Db,
  { search, after, limit }: { search: string; after: { created_at: Date; id: string } | null; limit: number },
): Promise<DatasetRecord[]> {
  const rows = await db.dataset.findMany({
    where: {
      status: 'ready',
      deleted_at: null,
      ...(search && { name: { contains: search, mode: 'insensitive' as const } }),
      ...(after && {
        OR: [{ created_at: { lt: after.created_at } }, { created_at: after.created_at, id: { lt: after.id } }],
      }),
    },
    orderBy: [{ created_at: 'desc' }, { id: 'desc' }],
    take: limit,
    include: withCount,
  });
  return rows.map(toRecord);
}

/** Locks the dataset against being deleted, or used by a new experiment, until the transaction ends. */
export async function lockDataset(db: Db, id: string): Promise<void> {
  await db.$queryRaw`SELECT id FROM dataset WHERE id = ${id}::uuid FOR UPDATE`;
}

export async function listExperimentNamesOfDataset(db: Db, id: string, limit: number): Promise<string[]> {
  const rows = await db.experiment.findMany({
    where: { dataset_id: id, deleted_at: null },
    select: { name: true },
    take: limit,
  });
  return rows.map((row) => row.name);
}

export async function markDatasetDeleted(db: Db, id: string): Promise<void> {
  await db.dataset.update({ where: { id }, data: { deleted_at: new Date() } });
}

/** Deleted datasets whose files are to be removed: no experiment, deleted or not, refers to them any more. */
export async function findDeletedDatasets(db: Db): Promise<string[]> {
  const rows = await db.dataset.findMany({
    where: { deleted_at: { not: null }, experiments: { none: {} } },
    select: { id: true },
    take: 100,
  });
  return rows.map((row) => row.id);
}

export async function purgeDataset(db: Db, id: string): Promise<void> {
  await db.dataset.deleteMany({ where: { id, deleted_at: { not: null }, experiments: { none: {} } } });
}
