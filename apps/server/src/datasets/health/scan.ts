/** One look at all rows of a dataset: equal texts by DuckDB, everything else in one pass over the texts. Memory is bounded. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { countTokens, textLength } from '../../budgets/text-length.ts';
import { withTemporaryFolder } from '../../parquet/temporary-folder.ts';
import { isBlank, quoteName } from '../../rows/store.ts';
import { type ColumnFacts, createFinder, type Found, type Groups, type HealthFacts, MOST_ROWS } from './facts.ts';
import { createLabelCounter } from './labels.ts';
import { createLanguageCounter, LANGUAGE_SAMPLE } from './language.ts';
import { LEAST_TEXTS, type Quartiles, usualLengths } from './lengths.ts';
import { createNearDuplicateFinder, NEAR, similarity } from './near-duplicates.ts';
import {
  hasBrokenCharacters,
  hasControlCharacters,
  hasMarkup,
  hasSurroundingWhiteSpace,
  isOnlyPunctuation,
} from './text-faults.ts';

export type ScanRequest = {
  /** data.parquet, as an SQL string literal. */
  file: string;
  row_count: number;
  input_column: string;
  reference_column: string | null;
  /** In tokens. */
  context_lengths: readonly number[];
};

const SETTINGS = {
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  memory_limit: '512MB',
  // The other processors are for the server's pages.
  threads: '1',
};

/** `onRows` is told how many rows were read. */
export function scanDataset(request: ScanRequest, onRows: (rows: number) => void): Promise<HealthFacts> {
  return withTemporaryFolder(async (temp_directory) => {
    const instance = await DuckDBInstance.create(':memory:', { ...SETTINGS, temp_directory });
    const connection = await instance.connect();
    try {
      return await scan(connection, request, onRows);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
}

async function scan(
  connection: DuckDBConnection,
  { file, row_count, input_column, reference_column, context_lengths }: ScanRequest,
  onRows: (rows: number) => void,
): Promise<HealthFacts> {
  const [input, reference] = [quoteName(input_column), reference_column && quoteName(reference_column)];
  const table = `(SELECT row_id, ${input} AS input, ${reference ?? "''"} AS reference FROM read_parquet(${file}))`;
  const query = async <T>(sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJS() as T[];

  const [lengths] = await query<Record<'input' | 'reference', Quartiles | null>>(
    `SELECT ${['input', 'reference'].map((column) => `${quartilesOf(column)} AS ${column}`).join(', ')} FROM ${table}`,
  );
  await connection.run(
    `CREATE TEMP TABLE digests AS SELECT row_id, md5_number(input) AS input, md5_number(reference) AS reference,
       ${isBlank('reference')} AS no_reference FROM ${table} WHERE NOT ${isBlank('input')}`,
  );
  const duplicate_rows = await findGroups(query, 'digests', 'input, reference', 'true', 'size - 1');
  const conflicting_references =
    reference === null
      ? { count: 0, groups: [] }
      : await findGroups(query, 'digests WHERE NOT no_reference', 'input', 'min(reference) <> max(reference)', 'size');
  const isRepeat = await findRepeats(connection, row_count);

  const columns = {
    input: createColumn(lengths!.input, row_count),
    reference: reference === null ? null : createColumn(lengths!.reference, row_count),
  };
  const near = createNearDuplicateFinder(row_count);
  const [equal, longer] = [createFinder(), createFinder()];
  const contexts = context_lengths
    .toSorted((a, b) => a - b)
    .map((context_length) => ({ context_length, finder: createFinder() }));
  let rows_read = 0;
  const result = await connection.stream(`SELECT row_id, input, reference FROM ${table}`);
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const [ids, inputs, references] = chunk.getColumns() as [bigint[], string[], string[]];
    for (const [i, text] of inputs.entries()) {
      const row_id = Number(ids[i]);
      const answer = references[i]!;
      const isFilled = columns.input.add(text, row_id);
      const isAnswered = columns.reference?.add(answer, row_id) ?? false;
      if (!isFilled) continue;
      if (isRepeat[row_id] === 0) near.add(text, row_id);
      if (isAnswered && answer === text) equal.add(row_id);
      if (isAnswered && answer.length > text.length) longer.add(row_id);
      addToContexts(contexts, text, row_id);
    }
    rows_read += chunk.rowCount;
    onRows(rows_read);
  }
  return {
    row_count,
    input: columns.input.facts(),
    reference: columns.reference?.facts() ?? null,
    duplicate_rows,
    conflicting_references,
    near_duplicates: await checkNear(connection, table, near.find({ groups: 2 * MOST_ROWS, rows: MOST_ROWS })),
    reference_equals_input: equal.found,
    reference_longer_than_input: longer.found,
    longer_than: contexts.map(({ context_length, finder }) => ({ context_length, ...finder.found })),
  };
}

const quartilesOf = (column: string) =>
  `(quantile_disc(length(${column}), [0.25, 0.5, 0.75]) FILTER (WHERE NOT ${isBlank(column)}))::DOUBLE[]`;

/** Rows that are equal in `by`, where `having` holds for them; `counted`: of each group, by its `size`. */
async function findGroups(
  query: <T>(sql: string) => Promise<T[]>,
  from: string,
  by: string,
  having: string,
  counted: string,
): Promise<Groups> {
  const groups = `SELECT count(*) AS size, min(row_id, ${MOST_ROWS}) AS rows FROM ${from} GROUP BY ${by} HAVING size > 1 AND ${having}`;
  const [total] = await query<{ count: number }>(
    `SELECT coalesce(sum(${counted}), 0)::DOUBLE AS count FROM (${groups})`,
  );
  if (total!.count === 0) return { count: 0, groups: [] };
  const largest = await query<{ size: bigint; rows: bigint[] }>(
    `FROM (${groups}) ORDER BY size DESC, rows[1] LIMIT ${MOST_ROWS}`,
  );
  return {
    count: total!.count,
    groups: largest.map(({ size, rows }) => ({ size: Number(size), rows: rows.map(Number), similarity: null })),
  };
}

/** 1 for each row whose input an earlier row has. */
async function findRepeats(connection: DuckDBConnection, row_count: number): Promise<Uint8Array> {
  const isRepeat = new Uint8Array(row_count);
  const repeats = await connection.stream(
    'SELECT row_id FROM digests ANTI JOIN (SELECT min(row_id) AS row_id FROM digests GROUP BY input) USING (row_id)',
  );
  for (let chunk = await repeats.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await repeats.fetchChunk()) {
    for (const row_id of chunk.getColumnValues(0) as bigint[]) isRepeat[Number(row_id)] = 1;
  }
  return isRepeat;
}

/** Collects what is to be known of one column; `add` says whether the text is not blank. */
function createColumn(
  quartiles: Quartiles | null,
  row_count: number,
): { add(text: string, row_id: number): boolean; facts(): ColumnFacts } {
  const usual = quartiles && row_count >= LEAST_TEXTS ? usualLengths(quartiles) : null;
  const blank = createFinder();
  const found = {
    only_punctuation: createFinder(),
    very_short: createFinder(),
    very_long: createFinder(),
    broken_characters: createFinder(),
    control_characters: createFinder(),
    markup: createFinder(),
    surrounding_white_space: createFinder(),
  };
  const labels = createLabelCounter();
  const languages = createLanguageCounter();
  const each = Math.ceil(row_count / LANGUAGE_SAMPLE);
  return {
    add(text, row_id) {
      if (text.trim() === '') {
        blank.add(row_id);
        return false;
      }
      labels.add(text, row_id);
      if (row_id % each === 0) languages.add(text, row_id);
      if (isOnlyPunctuation(text)) found.only_punctuation.add(row_id);
      if (hasBrokenCharacters(text)) found.broken_characters.add(row_id);
      if (hasControlCharacters(text)) found.control_characters.add(row_id);
      if (hasMarkup(text)) found.markup.add(row_id);
      if (hasSurroundingWhiteSpace(text)) found.surrounding_white_space.add(row_id);
      if (usual && text.length < usual.least) found.very_short.add(row_id);
      if (usual && text.length > usual.most) found.very_long.add(row_id);
      return true;
    },
    facts: () => ({
      blank: blank.found,
      ...(Object.fromEntries(Object.entries(found).map(([kind, finder]) => [kind, finder.found])) as Record<
        keyof typeof found,
        Found
      >),
      quartiles,
      languages: languages.languages(),
      labels: labels.labels(),
    }),
  };
}

function addToContexts(
  contexts: readonly { context_length: number; finder: ReturnType<typeof createFinder> }[],
  text: string,
  row_id: number,
): void {
  // No text has more tokens than characters.
  if (contexts.length === 0 || text.length <= contexts[0]!.context_length) return;
  const tokens = countTokens(textLength(text));
  for (const { context_length, finder } of contexts) {
    if (tokens <= context_length) return;
    finder.add(row_id);
  }
}

/** Of the groups that are shown, how like the first two are; those that only seemed near are left out. */
async function checkNear(
  connection: DuckDBConnection,
  table: string,
  { looked_at, count, groups }: { looked_at: number; count: number; groups: { size: number; rows: number[] }[] },
): Promise<HealthFacts['near_duplicates']> {
  if (groups.length === 0) return { looked_at, count, groups: [] };
  const wanted = groups.flatMap(({ rows }) => rows.slice(0, 2));
  const reader = await connection.runAndReadAll(
    `SELECT row_id, input FROM ${table} WHERE row_id IN (${wanted.join(', ')})`,
  );
  const texts = new Map(reader.getRowsJS().map(([row_id, text]) => [Number(row_id), text as string]));
  const checked = groups.map(({ size, rows }) => ({
    size,
    rows,
    similarity: similarity(texts.get(rows[0]!)!, texts.get(rows[1]!)!),
  }));
  return { looked_at, count, groups: checked.filter((group) => group.similarity >= NEAR - 0.1).slice(0, MOST_ROWS) };
}
