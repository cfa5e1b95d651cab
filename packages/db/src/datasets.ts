import type { DatasetColumn, DatasetFormat, DatasetListInput, DatasetProvenance } from '@touchstone/schemas';
import type { Db } from './client.ts';
import { type dataset, Prisma } from './generated/client.ts';
import { containsEach, isAfter, type Place } from './paging.ts';

export type DatasetRecord = dataset & {
  columns: DatasetColumn[];
  provenance: DatasetProvenance;
  experiment_count: number;
  job_count: number;
  version_count: number;
};

const visible = { status: 'ready', deleted_at: null } as const;
const withCount = {
  _count: { select: { experiments: { where: { deleted_at: null } }, jobs: { where: { deleted_at: null } } } },
} as const;
type Found = dataset & { _count: { experiments: number; jobs: number } };

/** The Json columns hold what the schemas parsed before it was written. */
async function toRecords(db: Db, rows: Found[]): Promise<DatasetRecord[]> {
  const counts = await db.dataset.groupBy({
    by: ['root_id'],
    where: { ...visible, root_id: { in: rows.map((row) => row.root_id) } },
    _count: true,
  });
  const versions = new Map(counts.map(({ root_id, _count }) => [root_id, _count]));
  return rows.map(({ _count, ...row }) => ({
    ...row,
    columns: row.columns as DatasetColumn[],
    provenance: row.provenance as DatasetProvenance,
    experiment_count: _count.experiments,
    job_count: _count.jobs,
    version_count: versions.get(row.root_id) ?? 1,
  }));
}

/** A dataset whose files are being written: not seen by anybody until it is finished. */
export async function beginDataset(
  db: Db,
  dataset: {
    id: string;
    name: string;
    filename: string;
    format: DatasetFormat | null;
    description?: string;
    note?: string;
    provenance?: DatasetProvenance;
  },
): Promise<void> {
  await db.dataset.create({ data: { ...dataset, root_id: dataset.id } });
}

/** Tells the sweep that somebody is writing it. */
export async function touchDataset(db: Db, id: string): Promise<void> {
  await db.$executeRaw`UPDATE dataset SET touched_at = now() WHERE id = ${id}::uuid AND status = 'uploading'`;
}

export type DatasetFacts = {
  size_bytes: number;
  sha256: string;
  data_sha256: string;
  row_count: number;
  columns: DatasetColumn[];
};

/** From now on it is seen. */
export async function finishDataset(
  db: Db,
  id: string,
  facts: DatasetFacts,
  place: {
    root_id?: string;
    version?: number;
    name?: string;
    description?: string;
    provenance?: DatasetProvenance;
  } = {},
): Promise<void> {
  const { root_id } = await db.dataset.update({ where: { id }, data: { ...facts, ...place, status: 'ready' } });
  if (place.version) await db.dataset.updateMany({ where: { root_id }, data: { last_version: place.version } });
}

export async function forgetDataset(db: Db, id: string): Promise<void> {
  await db.dataset.deleteMany({ where: { id, status: 'uploading' } });
}

/** Those whose server has not touched them for a minute while it wrote them: cut off. */
export async function findAbandonedDatasets(db: Db): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM dataset WHERE status = 'uploading' AND touched_at < now() - interval '1 minute' LIMIT 100`;
  return rows.map((row) => row.id);
}

export async function findDataset(db: Db, id: string): Promise<DatasetRecord | null> {
  const row = await db.dataset.findFirst({ where: { id, ...visible }, include: withCount });
  return row && (await toRecords(db, [row]))[0]!;
}

const searchText = Prisma.sql`lower(regexp_replace(concat_ws(' ', '', d.name, d.description, d.filename), '\\s+', ' ', 'g'))`;

/** The newest version of each, newest first; `after` is the last row of the page before. */
export async function listDatasets(
  db: Db,
  { search, format, provenance, after, limit }: Omit<DatasetListInput, 'cursor'> & { after: Place | null },
): Promise<DatasetRecord[]> {
  const conditions = [
    Prisma.sql`d.status = 'ready' AND d.deleted_at IS NULL`,
    isAfter(after),
    ...containsEach(searchText, search),
    ...(format ? [Prisma.sql`d.format = ${format}::dataset_format`] : []),
    ...(provenance ? [Prisma.sql`d.provenance ->> 'kind' = ${provenance}`] : []),
  ];
  const ids = await db.$queryRaw<{ id: string }[]>`
    SELECT d.id FROM dataset d
    WHERE ${Prisma.join(conditions, ' AND ')}
      AND NOT EXISTS (SELECT 1 FROM dataset newer WHERE newer.root_id = d.root_id AND newer.version > d.version
        AND newer.status = 'ready' AND newer.deleted_at IS NULL)
    ORDER BY d.created_at DESC, d.id DESC LIMIT ${limit}`;
  const rows = await db.dataset.findMany({
    where: { id: { in: ids.map(({ id }) => id) } },
    orderBy: [{ created_at: 'desc' }, { id: 'desc' }],
    include: withCount,
  });
  return toRecords(db, rows);
}

/** Every version of one dataset, the newest first. */
export async function listDatasetVersions(db: Db, root_id: string): Promise<DatasetRecord[]> {
  const rows = await db.dataset.findMany({
    where: { root_id, ...visible },
    orderBy: { version: 'desc' },
    include: withCount,
  });
  return toRecords(db, rows);
}

/** Name and description, of every version. */
export async function updateDataset(
  db: Db,
  root_id: string,
  change: { name?: string; description?: string },
): Promise<void> {
  await db.dataset.updateMany({ where: { root_id }, data: change satisfies Prisma.datasetUpdateManyMutationInput });
}

/** Locks a version against being deleted, or used by a new experiment, until the transaction ends. */
export async function lockDataset(db: Db, id: string): Promise<void> {
  await db.$queryRaw`SELECT id FROM dataset WHERE id = ${id}::uuid FOR UPDATE`;
}

/** The same for all versions, and against new ones. @returns the number that the next version has. */
export async function lockVersions(db: Db, root_id: string): Promise<number> {
  await db.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${root_id}, 0))::text`;
  await db.$queryRaw`SELECT id FROM dataset WHERE root_id = ${root_id}::uuid ORDER BY id FOR UPDATE`;
  const { _max } = await db.dataset.aggregate({ where: { root_id }, _max: { last_version: true } });
  return (_max.last_version ?? 0) + 1;
}

/** Names of experiments, and of jobs that are in none. */
export async function listUsersOfDatasets(db: Db, ids: string[], limit: number): Promise<string[]> {
  const query = { where: { dataset_id: { in: ids }, deleted_at: null }, select: { name: true }, take: limit };
  const users = [...(await db.experiment.findMany(query)), ...(await db.standalone_job.findMany(query))];
  return users.slice(0, limit).map((user) => user.name);
}

export async function markDatasetsDeleted(db: Db, ids: string[]): Promise<void> {
  await db.dataset.updateMany({ where: { id: { in: ids } }, data: { deleted_at: new Date() } });
}

/** Null where there is no such workflow. */
export async function findExperimentOfWorkflow(db: Db, workflow_id: string): Promise<string | null> {
  const row = await db.workflow.findUnique({
    where: { id: workflow_id, deleted_at: null },
    select: { experiment_id: true },
  });
  return row?.experiment_id ?? null;
}

/** Deleted datasets whose files are to be removed: no experiment or job, deleted or not, refers to them any more. */
export async function findDeletedDatasets(db: Db): Promise<string[]> {
  const rows = await db.dataset.findMany({
    where: { deleted_at: { not: null }, experiments: { none: {} }, jobs: { none: {} } },
    select: { id: true },
    take: 100,
  });
  return rows.map((row) => row.id);
}

export async function purgeDataset(db: Db, id: string): Promise<void> {
  await db.dataset.deleteMany({
    where: { id, deleted_at: { not: null }, experiments: { none: {} }, jobs: { none: {} } },
  });
}
