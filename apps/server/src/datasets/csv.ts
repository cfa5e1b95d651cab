import { pipeline, Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';

/** The file is not a table that can be read without guessing; the message names the line. */
export class CsvProblem extends Error {}

export type CsvRecord = {
  /** The file's line on which the record begins, from 1. */
  line: number;
  values: string[];
};

const MAX_RECORD_CHARACTERS = 10 * 1024 * 1024;

const countLines = (text: string) => text.split('\n').length - 1;

/** Text out of bytes, refusing what is not UTF-8 or holds NUL. */
async function* decode(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  const decodeChunk = (chunk: Uint8Array | undefined) => {
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      const [before = ''] = new TextDecoder().decode(chunk).split('\ufffd');
      throw new CsvProblem(
        `The text is not UTF-8 (near line ${line + countLines(before)}). Save the file as "CSV UTF-8" and upload it again.`,
      );
    }
    const nul = text.indexOf('\0');
    if (nul !== -1) {
      throw new CsvProblem(
        `Line ${line + countLines(text.slice(0, nul))} contains a NUL byte: this is not a text file.`,
      );
    }
    line += countLines(text);
    return text;
  };
  for await (const chunk of source) yield decodeChunk(chunk);
  yield decodeChunk(undefined);
}

/** `beginsAt`: the line at which the record that could not be read begins. */
function explain(error: CsvError & { lines?: number }, beginsAt: number): string {
  const line = error.lines ?? beginsAt;
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return `A quote opens in the record at line ${beginsAt} and is never closed.`;
    case 'INVALID_OPENING_QUOTE':
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE':
      return `Line ${line} has a quote inside a value. Put the whole value in quotes and double the quotes in it: "say ""yes""".`;
    case 'CSV_MAX_RECORD_SIZE':
      return `The record that ends near line ${line} is longer than ${MAX_RECORD_CHARACTERS / 1024 / 1024} MB: is a quote left open?`;
    default:
      return `Line ${line}: ${error.message}`;
  }
}

/**
 * The records of a CSV file (RFC 4180, UTF-8), the header first, each value as written. Lines with nothing on them are no records.
 * Where every record leaves out the same last columns (some programs write empty ones so), these are empty.
 * @throws CsvProblem on the first thing that is not as it should be.
 */
export async function* readCsv(source: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRecord> {
  let parsedLines = 0;
  const parser = parse({
    bom: true,
    info: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: MAX_RECORD_CHARACTERS,
    // The parser runs ahead of whoever reads the records: this is where it is.
    on_record: (record, { lines }) => {
      parsedLines = lines;
      return record;
    },
  });
  let line = 1;
  let header: number | null = null;
  let width: number | null = null;
  pipeline(Readable.from(decode(source)), parser, () => {});
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (header === null) header = record.length;
      else width ??= Math.min(record.length, header);
      if (record.length !== (width ?? header)) {
        throw new CsvProblem(
          `Line ${line} has ${record.length} ${record.length === 1 ? 'value' : 'values'}, ${width === header ? 'the header' : 'the line before'} has ${width}. A value that contains a comma needs "quotes" around it.`,
        );
      }
      yield { line, values: record.concat(Array<string>(header - record.length).fill('')) };
      line = info.lines + 1;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^(CSV|INVALID)_/.test(String(error.code))) {
      throw new CsvProblem(explain(error as CsvError, parsedLines + 1));
    }
    throw error;
  }
}
