import {
  updateDataset as changeDatasets,
  type DatasetRecord,
  findDataset,
  listDatasets as findDatasets,
  listDatasetVersions,
  listUsersOfDatasets,
  lockVersions,
  markDatasetsDeleted,
} from '@touchstone/db';
import type { Dataset, DatasetListInput, DatasetPreview, DatasetUpdate, DatasetVersion } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { Ctx } from '../context.ts';
import { AppError, notFound } from '../errors.ts';
import { cutPage, readCursor } from '../paging.ts';
import { quoteName } from '../rows/store.ts';

export function toVersion(row: DatasetRecord): DatasetVersion {
  const { id, version, note, row_count, provenance, experiment_count, job_count } = row;
  return {
    id,
    version,
    note,
    row_count,
    provenance,
    experiment_count,
    job_count,
    created_at: row.created_at.toISOString(),
  };
}

export function toDataset(row: DatasetRecord): Dataset {
  const { root_id, version_count, name, description, filename, format, sha256, columns } = row;
  return {
    ...toVersion(row),
    root_id,
    version_count,
    name,
    description,
    filename,
    format,
    size_bytes: Number(row.size_bytes),
    sha256,
    columns,
  };
}

/** @throws AppError NOT_FOUND */
export async function getDatasetRecord(ctx: Pick<Ctx, 'db'>, id: string): Promise<DatasetRecord> {
  const row = await findDataset(ctx.db, id);
  if (!row) throw notFound('dataset', id);
  return row;
}

export async function getDataset(ctx: Pick<Ctx, 'db'>, id: string): Promise<Dataset> {
  return toDataset(await getDatasetRecord(ctx, id));
}

export async function listDatasets(
  ctx: Ctx,
  { cursor, limit, ...filter }: DatasetListInput,
): Promise<{ items: Dataset[]; next_cursor: string | null }> {
  const found = await findDatasets(ctx.db, { ...filter, after: readCursor(cursor), limit: limit + 1 });
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

/** Of every version. */
export async function updateDataset(ctx: Ctx, { id, ...change }: DatasetUpdate): Promise<Dataset> {
  const { root_id } = await getDatasetRecord(ctx, id);
  await changeDatasets(ctx.db, root_id, change);
  return getDataset(ctx, id);
}

export async function listVersions(ctx: Ctx, id: string): Promise<DatasetVersion[]> {
  const { root_id } = await getDatasetRecord(ctx, id);
  return (await listDatasetVersions(ctx.db, root_id)).map(toVersion);
}

/**
 * Hides one version, or all of them, at once; the reconciler removes the files.
 * @throws AppError CONFLICT while an experiment or a job uses it.
 */
export async function removeDataset(
  ctx: Ctx,
  { id, all_versions }: { id: string; all_versions: boolean },
): Promise<{ id: string }> {
  await ctx.db.$transaction(async (tx) => {
    const { root_id } = await getDatasetRecord({ db: tx as Ctx['db'] }, id);
    await lockVersions(tx, root_id);
    const versions = await listDatasetVersions(tx, root_id);
    const removed = versions.filter((version) => all_versions || version.id === id);
    if (removed.length === 0) throw notFound('dataset', id);
    const used = removed.filter((version) => version.experiment_count + version.job_count > 0);
    if (used.length > 0) {
      const count = used.reduce((sum, version) => sum + version.experiment_count + version.job_count, 0);
      const users = await listUsersOfDatasets(
        tx,
        used.map((version) => version.id),
        3,
      );
      const rest = count - users.length;
      const which = versions.length > 1 ? ` (${used.map(({ version }) => `v${version}`).join(', ')})` : '';
      throw new AppError(
        'CONFLICT',
        `"${used[0]!.name}"${which} is used by ${users.map((user) => `"${user}"`).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}: delete ${describeUsers(used)} first.`,
      );
    }
    await markDatasetsDeleted(
      tx,
      removed.map((version) => version.id),
    );
  });
  return { id };
}

/** `that experiment`, `those jobs`, `those experiments and jobs` */
function describeUsers(used: readonly Pick<DatasetRecord, 'experiment_count' | 'job_count'>[]): string {
  const experiments = used.reduce((sum, { experiment_count }) => sum + experiment_count, 0);
  const jobs = used.reduce((sum, { job_count }) => sum + job_count, 0);
  const nouns = [experiments && `experiment${experiments > 1 ? 's' : ''}`, jobs && `job${jobs > 1 ? 's' : ''}`].filter(
    Boolean,
  );
  return `${experiments + jobs === 1 ? 'that' : 'those'} ${nouns.join(' and ')}`;
}
