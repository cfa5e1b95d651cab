import { finishDataset, lockVersions } from '@touchstone/db';
import type { CellChange, Dataset, DatasetEdit } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { z } from 'zod';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { claimOnce } from '../requests.ts';
import { quoteName } from '../rows/store.ts';
import { makeDataset } from './make.ts';
import { getDatasetRecord } from './service.ts';
import { openTableOutput } from './table.ts';

/** A new version: the rows of this one, with some cells changed. @throws AppError INVALID where a change cannot be made, or none differs. */
export async function editDataset(ctx: Ctx, input: z.output<typeof DatasetEdit>): Promise<Dataset> {
  const from = await getDatasetRecord(ctx, input.id);
  const names = from.columns.map((column) => column.name);
  const changes = byRow(input.changes, names, from.row_count);
  const { root_id, name, description } = from;
  let changed_cells = 0;

  async function write(id: string) {
    const file = await ctx.row_store.localFile(keys.datasetData(from.id), from.data_sha256);
    const table = openTableOutput(ctx.storage, keys.datasetData(id));
    try {
      table.columns(names);
      const pieces = ctx.row_store.stream<Record<string, string> & { row_id: bigint }>(
        `SELECT row_id, ${names.map(quoteName).join(', ')} FROM read_parquet(${file})`,
      );
      let next = 0;
      for await (const rows of pieces) {
        for (const row of rows) {
          if (Number(row.row_id) !== next) throw new Error(`Row ${next} of ${from.id} came as ${row.row_id}.`);
          const edits = changes.get(next++);
          for (const column of names) {
            const value = edits?.get(column) ?? row[column]!;
            if (value !== row[column]) changed_cells += 1;
            table.text(value);
          }
          table.endRow();
        }
        await table.flush();
      }
      if (changed_cells === 0) throw new AppError('INVALID', 'Nothing differs: each cell already has that value.');
      const { data_sha256, text_bytes, row_count, columns } = await table.finish();
      return { size_bytes: text_bytes, sha256: data_sha256, data_sha256, row_count, columns };
    } finally {
      await table.discard();
    }
  }

  return makeDataset(ctx, {
    begin: { name, description, filename: from.filename, format: null, note: input.note },
    write,
    finish: async (tx, id, facts) => {
      const version = await lockVersions(tx, root_id);
      // The version it was made of may be deleted by now, or renamed.
      const { name, description } = await getDatasetRecord({ db: tx as Ctx['db'] }, from.id);
      const first = await claimOnce(tx, { user_id: ctx.user.id, procedure: 'datasets.edit', input, result_id: id });
      if (first !== null) return first;
      const provenance = { kind: 'edited' as const, dataset_id: from.id, version: from.version, changed_cells };
      await finishDataset(tx, id, facts, { root_id, version, name, description, provenance });
      return id;
    },
  });
}

/** @throws AppError INVALID */
function byRow(changes: readonly CellChange[], names: readonly string[], row_count: number) {
  const known = new Set(names);
  const rows = new Map<number, Map<string, string>>();
  for (const { row_id, column, value } of changes) {
    if (!known.has(column)) throw new AppError('INVALID', `There is no column "${column}" in this dataset.`);
    if (row_id >= row_count) {
      throw new AppError('INVALID', `There is no row ${row_id}: the last of this dataset is ${row_count - 1}.`);
    }
    const row = rows.get(row_id) ?? new Map<string, string>();
    if (row.has(column)) throw new AppError('INVALID', `Row ${row_id}, column "${column}" is changed twice.`);
    rows.set(row_id, row.set(column, value));
  }
  return rows;
}
