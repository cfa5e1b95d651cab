/**
 * A look at a large dataset: how fast, in how much memory, and whether the server's pages wait for it. With `--full` a million rows, else a tenth.
 * Alone: `node bench/health.ts --full`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { createHealthScans } from '../apps/server/src/datasets/health/scans.ts';
import { openRowStore, quoteText } from '../apps/server/src/rows/store.ts';
import { openStorage } from '../packages/storage/src/index.ts';
import { printTable, type Result } from './report.ts';
import { percentile } from './server.ts';

const ROWS = process.argv.includes('--full') ? 1_000_000 : 100_000;
/** A page of the dataset is read so often meanwhile. */
const PAGE_EVERY_MS = 100;
const PAGE_LIMIT_MS = 300;
const MEMORY_LIMIT_MB = 700;
/** One of so many rows repeats the row before, and one is nearly the same as it. */
const [REPEATED, NEAR] = [1000, 500];

const WORDS =
  'the of model answer question data row value customer arrived package letter morning paper opened nobody river bridge Überraschung naïve signal report summary team decided later because weather train'.split(
    ' ',
  );

/** Texts of some 500 characters with references of 60. */
const rowsQuery = `
  WITH words AS (SELECT [${WORDS.map(quoteText).join(', ')}] AS w),
  source AS (SELECT i AS row_id, CASE WHEN i % ${REPEATED} = 1 OR i % ${NEAR} = 4 THEN i - 1 ELSE i END AS seed FROM range(${ROWS}) r(i))
  SELECT row_id,
    concat('Case ', seed, ': ', list_aggregate(list_transform(range(80), lambda k: w[1 + (hash(seed * 1000 + k) % ${WORDS.length})::INTEGER]), 'string_agg', ' '),
      CASE WHEN row_id % ${NEAR} = 4 THEN ' indeed' ELSE '' END) AS examples,
    list_aggregate(list_transform(range(10), lambda k: w[1 + (hash(seed * 77 + k) % ${WORDS.length})::INTEGER]), 'string_agg', ' ') AS ground_truth
  FROM source, words ORDER BY row_id`;

export async function measureHealth(): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-bench-'));
  const storage = await openStorage(pathToFileURL(join(folder, 'storage')).href);
  const row_store = await openRowStore(storage, { dir: join(folder, 'cache'), limit_bytes: 1e9 });
  const scans = createHealthScans();
  try {
    const file = quoteText(join(folder, 'data.parquet'));
    console.log(`Making ${ROWS.toLocaleString('en')} rows …`);
    await row_store.run(`COPY (${rowsQuery}) TO ${file} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 8192)`);

    const before = process.memoryUsage.rss();
    let most = before;
    const pages: number[] = [];
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const pageTimer = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
      const asked = performance.now();
      const from = (pages.length * 7919) % ROWS;
      void row_store
        .query(`SELECT * FROM read_parquet(${file}) WHERE row_id >= ${from} AND row_id < ${from + 20} ORDER BY row_id`)
        .then(() => pages.push(performance.now() - asked));
    }, PAGE_EVERY_MS);
    const started = performance.now();
    const begin = async () => ({
      file,
      row_count: ROWS,
      input_column: 'examples',
      reference_column: 'ground_truth',
      context_lengths: [512, 128_000],
    });
    const state = await scans.look('bench', { begin, keep: async () => {} }, 600_000);
    const seconds = (performance.now() - started) / 1000;
    clearInterval(pageTimer);
    delay.disable();
    if (!('facts' in state)) throw new Error('The look did not end within ten minutes.');
    const { duplicate_rows, near_duplicates } = state.facts;
    const planted = `${duplicate_rows.count} of ${ROWS / REPEATED} repeated rows and ${near_duplicates.count} of ${ROWS / NEAR} near ones found`;
    return [
      {
        what: `Health of ${ROWS.toLocaleString('en')} rows`,
        value: seconds,
        unit: 's',
        note: `${Math.round(ROWS / seconds).toLocaleString('en')} rows/s; ${planted}`,
      },
      {
        what: 'memory of the server meanwhile',
        value: (most - before) / 1e6,
        unit: 'MB',
        limit: MEMORY_LIMIT_MB,
        note: 'more than before, at most',
      },
      {
        what: 'a page of the dataset meanwhile',
        value: percentile(pages, 0.95),
        unit: 'ms',
        limit: PAGE_LIMIT_MS,
        note: `95 % of ${pages.length}; slowest ${Math.max(...pages).toFixed(0)} ms`,
      },
      {
        what: "the server's event loop meanwhile",
        value: delay.percentile(99) / 1e6,
        unit: 'ms',
        limit: 50,
        note: `99 %; longest ${(delay.max / 1e6).toFixed(0)} ms`,
      },
    ];
  } finally {
    await scans.close();
    row_store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) printTable(await measureHealth());
