import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { DatasetRecord } from '@touchstone/db';
import type { Sample } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { Services } from '../context.ts';
import { withTemporaryFolder } from '../parquet/temporary-folder.ts';
import { quoteName, quoteText } from '../rows/store.ts';

/** What JavaScript's trim() takes for white space, so that "blank" means one thing everywhere. */
const WHITE_SPACE =
  ' \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

export type SampleRequest = {
  dataset: Pick<DatasetRecord, 'id' | 'data_sha256'>;
  input_column: string;
  /** Null where no chosen metric needs a reference: then blank ones do not matter. */
  reference_column: string | null;
  /** Null: all that are available. */
  rows: number | null;
  seed: number;
};

/**
 * Draws the rows of an experiment: those with an input (and a reference, where one is needed), ordered by SHA-256 of `seed:row_id`,
 * the first n. Any prefix is a random sample, and a larger n extends a smaller.
 */
export async function drawSample(
  { storage, row_store }: Pick<Services, 'storage' | 'row_store'>,
  experimentId: string,
  { dataset, input_column, reference_column, rows, seed }: SampleRequest,
): Promise<Sample> {
  const data = `read_parquet(${await row_store.localFile(keys.datasetData(dataset.id), dataset.data_sha256)})`;
  const isBlank = (column: string) => `trim(${quoteName(column)}, ${quoteText(WHITE_SPACE)}) = ''`;
  const blankReference = reference_column === null ? 'false' : isBlank(reference_column);
  const [counts] = await row_store.query<Record<'available' | 'blank_input' | 'blank_reference', bigint>>(
    `SELECT count(*) FILTER (NOT ${isBlank(input_column)} AND NOT ${blankReference}) AS available,
       count(*) FILTER (${isBlank(input_column)}) AS blank_input,
       count(*) FILTER (NOT ${isBlank(input_column)} AND ${blankReference}) AS blank_reference
     FROM ${data}`,
  );
  const available = Number(counts!.available);
  const drawn = Math.min(rows ?? available, available);
  const { sha256 } = await withTemporaryFolder(async (folder) => {
    const file = join(folder, 'sample.parquet');
    await row_store.run(
      `COPY (SELECT row_id FROM ${data} WHERE NOT ${isBlank(input_column)} AND NOT ${blankReference}
        ORDER BY sha256(concat(${quoteText(`${seed}:`)}, row_id)) LIMIT ${drawn}) TO ${quoteText(file)} (FORMAT parquet)`,
    );
    return storage.writeStream(keys.experimentSample(experimentId), createReadStream(file));
  });
  return {
    rows: drawn,
    available,
    blank_input: Number(counts!.blank_input),
    blank_reference: Number(counts!.blank_reference),
    sha256,
  };
}
