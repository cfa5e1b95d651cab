import type { DatasetFormat } from '@touchstone/schemas';
import { TableProblem } from './problem.ts';

/** So many of a file's first bytes tell its format. */
export const HEAD_BYTES = 4;

const OTHERS: [magic: string, what: string][] = [
  ['89504e47', 'a picture (PNG). Write its texts into a CSV file'],
  ['ffd8ff', 'a picture (JPEG). Write its texts into a CSV file'],
  ['47494638', 'a picture (GIF). Write its texts into a CSV file'],
  ['50415245', 'an encrypted Parquet file. Write it without encryption'],
  ['504b0304', 'a zip archive or an Excel workbook. Unpack the archive, or save the sheet as "CSV UTF-8"'],
  ['d0cf11e0', 'an old Excel or Word file. Save the sheet as "CSV UTF-8"'],
  ['25504446', 'a PDF. Write its texts into a CSV file'],
  ['1f8b', 'compressed with gzip. Unpack it'],
  ['425a68', 'compressed with bzip2. Unpack it'],
  ['28b52ffd', 'compressed with zstd. Unpack it'],
];

/** By content where that says it, else by name; what is neither is read as CSV. @throws TableProblem */
export function recogniseFormat(filename: string, head: Buffer): DatasetFormat {
  if (head.length === 0) throw new TableProblem('The file is empty.');
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') return 'parquet';
  const extension = /\.([a-z]+)$/i.exec(filename)?.[1]?.toLowerCase();
  const other = OTHERS.find(([magic]) => head.toString('hex').startsWith(magic));
  if (other) throw new TableProblem(`The file is ${other[1]}, then upload it again.`);
  if (extension === 'parquet') throw new TableProblem('The name ends in .parquet, but this is not a Parquet file.');
  if (extension === 'jsonl' || extension === 'ndjson' || extension === 'json') return 'jsonl';
  // No CSV header begins like this.
  const text = head.toString('latin1').replaceAll(/[\0\s\xef\xbb\xbf\xfe\xff]/g, '');
  return text.startsWith('{"') || (text === '{' && extension !== 'csv') ? 'jsonl' : 'csv';
}
