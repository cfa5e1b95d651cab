import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { DatasetRecord } from '@touchstone/db';
import type { Sample } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { Services } from '../context.ts';
import { AppError } from '../errors.ts';
import { withTemporaryFolder } from '../parquet/temporary-folder.ts';
import { isBlank, quoteName, quoteText } from '../rows/store.ts';

export type SampleRequest = {
  dataset: Pick<DatasetRecord, 'id' | 'data_sha256'>;
  /** Null where rows need none. */
  input_column: string | null;
  /** Null where no chosen metric needs a reference: then blank ones do not matter. */
  reference_column: string | null;
  /** Only rows in which this column is blank; left out: all. */
  blank_column?: string | undefined;
  /** Null: all that are available. */
  rows: number | null;
  seed: number;
};

/**
 * Draws the rows of an experiment, or of a job alone, into `key`: those with an input (and a reference, where one is needed), ordered by SHA-256 of `seed:row_id`,
 * the first n. Any prefix is a random sample, and a larger n extends a smaller.
 */
export async function drawSample(
  { storage, row_store }: Pick<Services, 'storage' | 'row_store'>,
  key: string,
  { dataset, input_column, reference_column, blank_column, rows, seed }: SampleRequest,
): Promise<Sample> {
  const file = `read_parquet(${await row_store.localFile(keys.datasetData(dataset.id), dataset.data_sha256)})`;
  const data = blank_column === undefined ? file : `(FROM ${file} WHERE ${isBlank(quoteName(blank_column))})`;
  const blankInput = input_column === null ? 'false' : isBlank(quoteName(input_column));
  const blankReference = reference_column === null ? 'false' : isBlank(quoteName(reference_column));
  const [counts] = await row_store.query<Record<'available' | 'blank_input' | 'blank_reference', bigint>>(
    `SELECT count(*) FILTER (NOT ${blankInput} AND NOT ${blankReference}) AS available,
       count(*) FILTER (${blankInput}) AS blank_input,
       count(*) FILTER (NOT ${blankInput} AND ${blankReference}) AS blank_reference
     FROM ${data}`,
  );
  const available = Number(counts!.available);
  const drawn = Math.min(rows ?? available, available);
  const { sha256 } = await withTemporaryFolder(async (folder) => {
    const file = join(folder, 'sample.parquet');
    await row_store.run(
      `COPY (SELECT row_id FROM ${data} WHERE NOT ${blankInput} AND NOT ${blankReference}
        ORDER BY sha256(concat(${quoteText(`${seed}:`)}, row_id)) LIMIT ${drawn}) TO ${quoteText(file)} (FORMAT parquet)`,
    );
    return storage.writeStream(key, createReadStream(file));
  });
  return {
    rows: drawn,
    available,
    blank_input: Number(counts!.blank_input),
    blank_reference: Number(counts!.blank_reference),
    sha256,
  };
}

/** @throws AppError INVALID where it is empty: which columns were blank. */
export function checkSample(
  sample: Sample,
  { input_column, reference_column }: Pick<SampleRequest, 'input_column' | 'reference_column'>,
): void {
  if (sample.rows > 0) return;
  const blank = [
    input_column !== null && `${sample.blank_input} rows have a blank "${input_column}"`,
    reference_column !== null && `${sample.blank_reference} a blank "${reference_column}", which the metrics need`,
  ];
  throw new AppError(
    'INVALID',
    `There is no row to run: ${blank.filter(Boolean).join(' and ') || 'the dataset has none'}.`,
  );
}
