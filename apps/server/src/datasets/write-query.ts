import type { DatasetFacts } from '@touchstone/db';
import { keys } from '@touchstone/storage';
import type { Services } from '../context.ts';
import { openTableOutput } from './table.ts';

/**
 * Writes the rows of a query, which yields these columns as text, as the table of a dataset; a null is blank.
 * @throws TableProblem where a value cannot be one of a dataset.
 */
export async function writeQuery(
  { storage, row_store }: Pick<Services, 'storage' | 'row_store'>,
  datasetId: string,
  { columns: names, sql }: { columns: string[]; sql: string },
): Promise<DatasetFacts> {
  const table = openTableOutput(storage, keys.datasetData(datasetId));
  try {
    table.columns(names);
    for await (const rows of row_store.stream<Record<string, string | null>>(sql)) {
      for (const row of rows) {
        for (const name of names) table.text(row[name] ?? '');
        table.endRow();
      }
      await table.flush();
    }
    const { data_sha256, text_bytes, row_count, columns } = await table.finish();
    return { size_bytes: text_bytes, sha256: data_sha256, data_sha256, row_count, columns };
  } finally {
    await table.discard();
  }
}
