import { isUtf8 } from 'node:buffer';
import { MAX_COLUMNS } from '@touchstone/schemas';
import { quoteName, type RowStore } from '../rows/store.ts';
import { MAX_DEPTH } from './jsonl.ts';
import { TableProblem } from './problem.ts';
import type { TableOutput } from './table.ts';

/**
 * The rows of a Parquet file: every scalar as DuckDB writes it as text, null as blank, nested values as JSON.
 * @throws TableProblem where it cannot be read, or unpacks to more than `limit_bytes` of text.
 */
export async function copyParquet(
  row_store: RowStore,
  file: string,
  table: TableOutput,
  limit_bytes: number,
): Promise<void> {
  const source = `read_parquet(${file})`;
  const names = await readable(file, () => topLevelNames(row_store, file));
  if (names.length > MAX_COLUMNS) {
    throw new TableProblem(`The file has ${names.length} columns; at most ${MAX_COLUMNS} are allowed.`);
  }
  table.columns(names);
  const columns = await readable(file, () =>
    row_store.query<{ column_name: string; column_type: string }>(`DESCRIBE SELECT * FROM ${source}`),
  );
  for (const [i, { column_type }] of columns.entries()) {
    if (depthOf(column_type) > MAX_DEPTH) {
      throw new TableProblem(`The column "${names[i]}" is nested more than ${MAX_DEPTH} deep.`);
    }
  }
  // Names of ours: DuckDB renames columns that differ only in upper and lower case.
  const values = columns.map(({ column_name, column_type }, i) => `${asText(column_name, column_type)} AS c${i}`);
  let bytes = 0;
  let row = 0;
  const pieces = row_store.stream<Record<string, string | Uint8Array | null>>(
    `SELECT ${values.join(', ')} FROM ${source}`,
  );
  for (;;) {
    const { value: rows, done } = await readable(file, () => pieces.next());
    if (done) return;
    for (const record of rows) {
      row += 1;
      for (let i = 0; i < names.length; i++) {
        const value = toText(record[`c${i}`]!, row, names[i]!);
        bytes += value.length;
        table.text(value);
      }
      table.endRow();
    }
    if (bytes > limit_bytes) {
      await pieces.return(undefined);
      throw new TableProblem(`The file unpacks to more than ${Math.floor(limit_bytes / 1024 / 1024)} MB of text.`);
    }
    await table.flush();
  }
}

function toText(value: string | Uint8Array | null, row: number, column: string): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (!isUtf8(value)) throw new TableProblem(`Row ${row}, column "${column}" holds bytes that are no text.`);
  return Buffer.from(value).toString();
}

/** As the file has them. */
async function topLevelNames(row_store: RowStore, file: string): Promise<string[]> {
  const nodes = await row_store.query<{ name: string; num_children: bigint | null }>(
    `SELECT name, num_children FROM parquet_schema(${file})`,
  );
  const names: string[] = [];
  let at = 1;
  const skip = () => {
    const children = Number(nodes[at++]?.num_children ?? 0);
    for (let i = 0; i < children; i++) skip();
  };
  while (at < nodes.length) {
    names.push(nodes[at]!.name);
    skip();
  }
  return names;
}

const isNested = (type: string) => /^(STRUCT|MAP|UNION|VARIANT)\b|\[\d*\]$/.test(type);

function asText(name: string, type: string): string {
  if (type === 'VARCHAR' || type === 'BLOB') return quoteName(name);
  return `CAST(${isNested(type) ? `to_json(${quoteName(name)})` : quoteName(name)} AS VARCHAR)`;
}

/** How deep a type is nested, not less. */
function depthOf(type: string): number {
  let open = 0;
  let deepest = 0;
  for (const character of type.replaceAll(/"(?:[^"]|"")*"/g, '')) {
    if (character === '(') deepest = Math.max(deepest, ++open);
    else if (character === ')') open -= 1;
  }
  return deepest + (type.match(/\[\d*\]/g)?.length ?? 0);
}

/** What DuckDB cannot read is the file's fault. */
async function readable<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TableProblem) throw error;
    const [reason = ''] = String((error as Error).message).split('\n');
    if (/too small to be a Parquet file|No magic bytes found/.test(reason)) {
      throw new TableProblem(
        'The Parquet file is cut off: it does not end as one does. Write or copy it again, then upload it.',
      );
    }
    if (/TProtocolException/.test(reason)) {
      throw new TableProblem(
        'The Parquet file cannot be read: it is damaged, or some of its columns are encrypted. Write it again, without encryption, then upload it.',
      );
    }
    throw new TableProblem(
      `The Parquet file cannot be read: ${reason.replaceAll(file, 'it').replaceAll(file.slice(1, -1), 'it')}`,
    );
  }
}
