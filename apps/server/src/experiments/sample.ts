import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { DatasetRecord } from '@touchstone/db';
import type { Sample } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import { SCRIPTS, type TextLength } from '../budgets/text-length.ts';
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
  /** Whose values group the rows; left out, or null: they are independent. */
  group_column?: string | null;
  /** Only rows in which this column is blank; left out: all. */
  blank_column?: string | undefined;
  /** Null: all that are available. */
  rows: number | null;
  seed: number;
};

/** The rows that may be drawn and why others may not, and in SQL the first `drawn` of them in the sample's order. */
async function findRows(
  { row_store }: Pick<Services, 'row_store'>,
  { dataset, input_column, reference_column, blank_column, rows, seed }: SampleRequest,
): Promise<{ counts: Omit<Sample, 'sha256'>; select: (columns: string, most?: number) => string }> {
  const file = `read_parquet(${await row_store.localFile(keys.datasetData(dataset.id), dataset.data_sha256)})`;
  const data = blank_column === undefined ? file : `(FROM ${file} WHERE ${isBlank(quoteName(blank_column))})`;
  const blankInput = input_column === null ? 'false' : isBlank(quoteName(input_column));
  const blankReference = reference_column === null ? 'false' : isBlank(quoteName(reference_column));
  const [found] = await row_store.query<Record<'available' | 'blank_input' | 'blank_reference', bigint>>(
    `SELECT count(*) FILTER (NOT ${blankInput} AND NOT ${blankReference}) AS available,
       count(*) FILTER (${blankInput}) AS blank_input,
       count(*) FILTER (NOT ${blankInput} AND ${blankReference}) AS blank_reference
     FROM ${data}`,
  );
  const available = Number(found!.available);
  const drawn = Math.min(rows ?? available, available);
  return {
    counts: {
      rows: drawn,
      available,
      blank_input: Number(found!.blank_input),
      blank_reference: Number(found!.blank_reference),
    },
    select: (columns, most = drawn) =>
      `SELECT ${columns} FROM ${data} WHERE NOT ${blankInput} AND NOT ${blankReference}
        ORDER BY sha256(concat(${quoteText(`${seed}:`)}, row_id)) LIMIT ${Math.min(most, drawn)}`,
  };
}

/**
 * Draws the rows of an experiment, or of a job alone, into `key`: those with an input (and a reference, where one is needed), ordered by SHA-256 of `seed:row_id`,
 * the first n. Any prefix is a random sample, and a larger n extends a smaller.
 */
export async function drawSample(
  { storage, row_store }: Pick<Services, 'storage' | 'row_store'>,
  key: string,
  request: SampleRequest,
): Promise<Sample> {
  const { counts, select } = await findRows({ row_store }, request);
  const { sha256 } = await withTemporaryFolder(async (folder) => {
    const file = join(folder, 'sample.parquet');
    await row_store.run(`COPY (${select('row_id')}) TO ${quoteText(file)} (FORMAT parquet)`);
    return storage.writeStream(key, createReadStream(file));
  });
  return { ...counts, sha256 };
}

/** The sample that would be drawn, and how long its texts are by its first `most` rows; nothing is written. */
export async function measureSample(
  { row_store }: Pick<Services, 'row_store'>,
  request: SampleRequest,
  { columns, most }: { columns: readonly string[]; most: number },
): Promise<{ sample: Omit<Sample, 'sha256'>; measured: number; lengths: Record<string, TextLength> }> {
  const { counts, select } = await findRows({ row_store }, request);
  const means = columns.map((column, i) => `${meanLength(quoteName(column))} AS length_${i}`);
  const [row] = await row_store.query<Record<string, TextLength>>(
    `SELECT ${['count(*)', ...means].join(', ')} FROM (${select(columns.map(quoteName).join(', '), most)})`,
  );
  return {
    sample: counts,
    measured: Math.min(most, counts.rows),
    lengths: Object.fromEntries(columns.map((column, i) => [column, row![`length_${i}`]!])),
  };
}

/** Below, errors that are robust to groups are far too small (Cameron, Gelbach & Miller 2008): the jobs give none. */
const LEAST_GROUPS = 10;

/** @throws AppError INVALID where the rows that would be drawn come in too few groups for an interval. */
export async function checkGroups(
  { row_store }: Pick<Services, 'row_store'>,
  { group_column, ...request }: SampleRequest,
): Promise<void> {
  if (!group_column) return;
  const { counts, select } = await findRows({ row_store }, request);
  const column = quoteName(group_column);
  const [found] = await row_store.query<{ groups: bigint }>(
    // A row whose value is blank is a group of its own.
    `SELECT count(DISTINCT ${column}) FILTER (NOT ${isBlank(column)}) + count(*) FILTER (${isBlank(column)}) AS groups
     FROM (${select(column)})`,
  );
  const groups = Number(found!.groups);
  if (counts.rows === 0 || groups >= LEAST_GROUPS) return;
  throw new AppError(
    'INVALID',
    `The ${counts.rows} rows come in ${groups} ${groups === 1 ? 'group' : 'groups'} by "${group_column}", and at least ${LEAST_GROUPS} are needed for an interval: draw more rows, choose another column, or leave it out if rows are independent.`,
  );
}

/** Characters of a column's texts by script, the mean, in SQL; a column without a text has none. */
function meanLength(column: string): string {
  const without = (characters: string) =>
    `coalesce(avg(length(regexp_replace(${column}, ${quoteText(`[${characters}]`)}, '', 'g'))), 0)`;
  const all = `coalesce(avg(length(${column})), 0)`;
  return `{latin: ${all} - ${without(SCRIPTS.latin)}, cjk: ${all} - ${without(SCRIPTS.cjk)}, other: ${without(SCRIPTS.latin + SCRIPTS.cjk)}}`;
}

/** @throws AppError INVALID where it is empty: which columns were blank. */
export function checkSample(
  sample: Omit<Sample, 'sha256'>,
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
