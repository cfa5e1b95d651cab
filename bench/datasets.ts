/**
 * A large CSV file uploaded and its pages read, and the pages of the result of a large experiment. On a Postgres and a server of its own.
 * With `--full` 1 GB and 1,000,000 rows (4 GB of disk, which are freed), else an eighth. Alone: `node bench/datasets.ts --full`.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ensureOwner } from '../apps/server/src/access/service.ts';
import type { Ctx } from '../apps/server/src/context.ts';
import { uploadDataset } from '../apps/server/src/datasets/upload.ts';
import { createExperiment } from '../apps/server/src/experiments/create.ts';
import { openRowStore } from '../apps/server/src/rows/store.ts';
import { finishExperiment } from '../apps/server/src/testing/finished.ts';
import { migrate, openDatabase } from '../packages/db/src/index.ts';
import { openKeys, programOf, startPostgres } from '../packages/local-stack/src/index.ts';
import { ExperimentCreate, resolveMetrics } from '../packages/schemas/src/index.ts';
import { openStorage } from '../packages/storage/src/index.ts';
import { printTable, type Result } from './report.ts';
import { type BenchServer, cpuSeconds, percentile, startBenchServer } from './server.ts';

const IS_FULL = process.argv.includes('--full');
const MEGABYTES = IS_FULL ? 1024 : 128;
const RESULT_ROWS = IS_FULL ? 1_000_000 : 125_000;
const MEMORY_LIMIT_MB = 150;
const PAGE_LIMIT_MS = 300;
const PAGES = 60;

const WORDS =
  'the of model answer question data row value customer arrived package letter morning paper opened nobody river bridge Überraschung naïve 東京 signal report summary team decided later because weather train'.split(
    ' ',
  );

/** Dialogues of some 900 bytes with a reference: half of the values in quotes, with commas, doubled quotes and lines within. */
async function writeCsv(file: string, bytes: number): Promise<void> {
  let state = 12_345;
  const below = (n: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % n;
  };
  const text = (words: number) => {
    let out = '';
    for (let i = 0; i < words; i++) {
      out += `${i > 0 ? ' ' : ''}${WORDS[below(WORDS.length)]}`;
      if (below(12) === 0) out += ',';
      if (below(60) === 0) out += '\n';
      if (below(80) === 0) out += ' "quoted"';
    }
    return out;
  };
  const field = (value: string) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const out = createWriteStream(file);
  out.write('id,examples,ground_truth,source\n');
  for (let size = 0, row = 0; size < bytes; ) {
    let lines = '';
    for (let i = 0; i < 200; i++) {
      lines += `${row++},${field(text(80 + below(60)))},${field(text(10 + below(10)))},${WORDS[below(WORDS.length)]}\n`;
    }
    size += Buffer.byteLength(lines);
    if (!out.write(lines)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}

type Time = { wall: number; cpu: number };

/** How long Python's csv module reads the file, in a process of its own. */
async function readWithPython(folder: string, file: string): Promise<Time> {
  const script = join(folder, 'read.py');
  writeFileSync(
    script,
    `import csv, sys, time
started = time.perf_counter()
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    rows = sum(1 for _ in csv.reader(file))
print(time.perf_counter() - started, time.process_time())
`,
  );
  const { stdout } = await promisify(execFile)(programOf('jobs', 'python'), [script, file]);
  const [wall, cpu] = stdout.split(' ').map(Number);
  return { wall: wall!, cpu: cpu! };
}

const residentMb = (pid: number) => {
  const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb) / 1024;
};

/** In milliseconds: how long each of some requests takes, one after another, and the server's processor time for one. */
type Times = { walls: number[]; cpu: number };

async function timeEach(pid: number, asks: readonly (() => Promise<unknown>)[]): Promise<Times> {
  // The first loads what every other finds loaded.
  await asks[0]!();
  const cpu = cpuSeconds(pid);
  const times: number[] = [];
  for (const ask of asks) {
    const asked = performance.now();
    await ask();
    times.push(performance.now() - asked);
  }
  return { walls: times, cpu: ((cpuSeconds(pid) - cpu) * 1000) / asks.length };
}

/** Places all over `count` rows, the last page among them. */
const offsets = (count: number, page: number) =>
  Array.from({ length: PAGES }, (_, i) => (i === 0 ? count - page : Math.floor((count * ((i * 37) % PAGES)) / PAGES)));

const slowest = (what: string, { walls, cpu }: Times, of: string): Result => ({
  what,
  value: Math.max(...walls),
  unit: 'ms',
  limit: PAGE_LIMIT_MS,
  note: `of ${walls.length}, median ${percentile(walls, 0.5).toFixed(0)} ms, processor time ${cpu.toFixed(0)} ms, of ${of}`,
});

async function measureUpload({ client, pid }: BenchServer, folder: string): Promise<Result[]> {
  const file = join(folder, 'large.csv');
  console.log(`Writing a CSV file of ${MEGABYTES} MB …`);
  await writeCsv(file, MEGABYTES * 1024 * 1024);
  // The first one loads what every other finds loaded.
  await client.uploadDataset({ filename: 'small.csv', body: 'examples,ground_truth\na,b\n' });

  console.log('Python reads it, before and after …');
  const pythonBefore = await readWithPython(folder, file);
  console.log('Uploading it …');
  const cpuBefore = cpuSeconds(pid);
  const before = residentMb(pid);
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, residentMb(pid));
  }, 50);
  const started = performance.now();
  const dataset = await client.uploadDataset({
    filename: 'large.csv',
    body: createReadStream(file, { highWaterMark: 1024 * 1024 }),
  });
  const seconds = (performance.now() - started) / 1000;
  const cpu = cpuSeconds(pid) - cpuBefore;
  clearInterval(sampling);
  // What else the machine does is then the same for both.
  const pythonAfter = await readWithPython(folder, file);
  const python = (pythonBefore.wall + pythonAfter.wall) / 2;

  const { id, row_count } = dataset;
  console.log(`Reading ${PAGES} pages of its ${row_count.toLocaleString('en')} rows …`);
  const times = await timeEach(
    pid,
    offsets(row_count, 20).map((offset) => async () => {
      const { rows } = await client.datasets.preview.query({ id, offset, limit: 20 });
      if (rows[0]?.row_id !== offset || rows[0].values[0] !== String(offset))
        throw new Error(`Page ${offset} is wrong.`);
    }),
  );
  const megabytes = statSync(file).size / 1024 / 1024;
  return [
    {
      what: 'upload',
      value: seconds,
      unit: 's',
      limit: 2 * python,
      note: `${megabytes.toFixed(0)} MB until ready, ${(megabytes / seconds).toFixed(0)} MB/s; Python reads it in ${python.toFixed(2)} s; processor time ${cpu.toFixed(1)} s of the server, ${pythonAfter.cpu.toFixed(1)} s of Python`,
    },
    {
      what: 'memory of the server',
      value: peak - before,
      unit: 'MB',
      limit: MEMORY_LIMIT_MB,
      note: `rise of the resident size during the upload, from ${before.toFixed(0)} MB`,
    },
    slowest('slowest page of a dataset', times, `${row_count.toLocaleString('en')} rows`),
  ];
}

/**
 * An experiment of two models on as many rows, that is over: its files are made as jobs write them, and written down in the database
 * before there is a server that would run it.
 */
async function makeResult(folder: string): Promise<string> {
  const postgres = await startPostgres({ dir: join(folder, 'postgres') });
  await migrate(postgres.url);
  const db = openDatabase(postgres.url);
  const storage = await openStorage(pathToFileURL(join(folder, 'storage')).href);
  const row_store = await openRowStore(storage, { dir: join(folder, 'cache'), limit_bytes: 1024 });
  try {
    const user = await ensureOwner({ db }, openKeys(folder, 'http://127.0.0.1:9').apiKey);
    // Of the services these are what making a dataset and an experiment takes.
    const ctx = { db, storage, row_store, user, share_read: (_, read) => read() } as Ctx;
    const dataset = await uploadDataset(ctx, {
      filename: 'rows.csv',
      body: Readable.from(resultRows()),
      limit_bytes: Number.POSITIVE_INFINITY,
    });
    const { id } = await createExperiment(
      ctx,
      ExperimentCreate.parse({
        request_id: randomUUID(),
        name: 'Large',
        dataset_id: dataset.id,
        input_column: 'examples',
        reference_column: 'ground_truth',
        task: 'summarization',
        models: ['baseline/lead-3', 'baseline/copy'],
        metrics: ['rouge', 'bleu', 'chrf', 'sentence_bleu', 'sentence_chrf'],
      }),
    );
    await finishExperiment(ctx, id, {
      fails: '(row_id * 7 + place) % 101 = 0',
      prediction: "concat(row_id, ' ', repeat('customer bridge letter nobody ', 3 + (row_id + place) % 4))",
      score: 'hash(row_id, place) / 18446744073709551615',
      // As where metrics were added later.
      evaluations: [resolveMetrics(['rouge']), resolveMetrics(['bleu', 'chrf', 'sentence_bleu', 'sentence_chrf'])],
    });
    return id;
  } finally {
    row_store.close();
    await db.$disconnect();
    await postgres.stop();
  }
}

function* resultRows(): Generator<Buffer> {
  const text = (row: number, words: number) =>
    `${row} ${Array.from({ length: words }, (_, i) => WORDS[(row * 31 + i * i) % WORDS.length]).join(' ')}`;
  yield Buffer.from('examples,ground_truth\n');
  for (let row = 0; row < RESULT_ROWS; row += 500) {
    const lines = Array.from({ length: 500 }, (_, i) => `${text(row + i, 60)},${text(row + i, 12)}\n`);
    yield Buffer.from(lines.join(''));
  }
}

async function measureResult({ client, pid }: BenchServer, experiment_id: string): Promise<Result[]> {
  const { workflows } = await client.experiments.get.query({ id: experiment_id });
  console.log(`Reading pages of the result of ${RESULT_ROWS.toLocaleString('en')} rows …`);
  const pages = (sort: boolean) =>
    timeEach(
      pid,
      offsets(RESULT_ROWS, 50).map((offset, i) => async () => {
        const by = { workflow_id: workflows[i % 2]!.id, metric: 'rougeL' as const, descending: i % 3 > 0 };
        const { rows } = await client.rows.list.query({ experiment_id, offset, ...(sort && { sort: by }) });
        const scores = rows.map(({ cells }) => cells[i % 2]!.metrics.rougeL! * (by.descending ? -1 : 1));
        const isInOrder = sort
          ? scores.every((score, k) => k === 0 || score >= scores[k - 1]!)
          : rows[0]!.position === offset;
        if (rows.length !== 50 || !isInOrder) throw new Error(`Page ${offset} is wrong.`);
      }),
    );
  const counted = performance.now();
  await client.rows.counts.query({ experiment_id });
  const counts = performance.now() - counted;
  const rows = `${RESULT_ROWS.toLocaleString('en')} rows of 2 models`;
  return [
    slowest('slowest page of a result', await pages(false), rows),
    slowest('the same, sorted by a score', await pages(true), rows),
    { what: 'counts of its filters', value: counts, unit: 'ms', note: 'the page does not wait for them' },
  ];
}

/** @returns times and memory, each with its limit. */
export async function measureDatasets(): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-bench-datasets-'));
  try {
    console.log(`Making the result of an experiment with ${RESULT_ROWS.toLocaleString('en')} rows …`);
    const experiment = await makeResult(folder);
    const server = await startBenchServer(folder, { TOUCHSTONE_UPLOAD_LIMIT_MB: String(2 * MEGABYTES) });
    try {
      return [...(await measureUpload(server, folder)), ...(await measureResult(server, experiment))];
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  console.log(`Load ${loadavg()[0]!.toFixed(1)} before the start.`);
  printTable(await measureDatasets());
  console.log(`\nLoad ${loadavg()[0]!.toFixed(1)} over the last minute.`);
}
