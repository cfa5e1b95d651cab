import type { DatasetDiff } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { quoteName } from '../rows/store.ts';
import { getDatasetRecord } from './service.ts';

/** What `id` changed against `base_id`, a page of its rows at a time. Versions have the same columns and rows; only cells differ. */
export async function diffVersions(
  ctx: Ctx,
  { id, base_id, offset, limit }: { id: string; base_id: string; offset: number; limit: number },
): Promise<DatasetDiff> {
  const [after, before] = await Promise.all([getDatasetRecord(ctx, id), getDatasetRecord(ctx, base_id)]);
  if (after.root_id !== before.root_id) {
    throw new AppError('INVALID', 'Only versions of the same dataset can be compared cell by cell.');
  }
  const [newFile, oldFile] = await Promise.all(
    [after, before].map(({ id, data_sha256 }) => ctx.row_store.localFile(keys.datasetData(id), data_sha256)),
  );
  const names = after.columns.map((column) => column.name);
  // Both files have their rows in the order of row_id.
  const both = `read_parquet(${newFile}) n POSITIONAL JOIN read_parquet(${oldFile}) o`;
  const differs = (name: string) => `n.${quoteName(name)} <> o.${quoteName(name)}`;
  const [counts] = await ctx.row_store.query<Record<string, bigint>>(
    `SELECT count(*) FILTER (${names.map(differs).join(' OR ')}) AS changed_rows,
       ${names.map((name, i) => `count(*) FILTER (${differs(name)}) AS c${i}`).join(', ')} FROM ${both}`,
  );
  const columns = names
    .map((name, i) => ({ name, changed: Number(counts![`c${i}`]) }))
    .filter(({ changed }) => changed > 0);
  const changed_rows = Number(counts!.changed_rows);
  const changed_cells = columns.reduce((sum, { changed }) => sum + changed, 0);
  if (changed_rows === 0) return { changed_rows, changed_cells, columns, rows: [] };

  const rows = await ctx.row_store.query<Record<string, string> & { row_id: bigint }>(
    `SELECT n.row_id, ${columns.map(({ name }, i) => `o.${quoteName(name)} AS b${i}, n.${quoteName(name)} AS a${i}`).join(', ')}
     FROM ${both} WHERE ${columns.map(({ name }) => differs(name)).join(' OR ')}
     ORDER BY n.row_id LIMIT ${limit} OFFSET ${offset}`,
  );
  return {
    changed_rows,
    changed_cells,
    columns,
    rows: rows.map((row) => ({
      row_id: Number(row.row_id),
      cells: columns
        .map(({ name }, i) => ({ column: name, before: row[`b${i}`]!, after: row[`a${i}`]! }))
        .filter((cell) => cell.before !== cell.after),
    })),
  };
}
