/**
 * A large CSV file uploaded, and its pages read: `node bench/datasets.ts` with Node 24, after `npm start` set the clone up once.
 * Runs on a Postgres and a server of its own; needs 3 GB of disk, which it frees. BENCH_DATASET_MB makes the file smaller.
 */
import { execFile } from 'node:child_process';
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
import { promisify } from 'node:util';
import { programOf } from '../packages/local-stack/src/index.ts';
import { printTable, type Result } from './report.ts';
import { cpuSeconds, startBenchServer } from './server.ts';

const MEGABYTES = Number(process.env.BENCH_DATASET_MB ?? 1024);
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

async function bench(folder: string): Promise<Result[]> {
  const file = join(folder, 'large.csv');
  console.log(`Writing a CSV file of ${MEGABYTES} MB …`);
  await writeCsv(file, MEGABYTES * 1024 * 1024);
  const { client, pid, stop } = await startBenchServer(folder, {
    TOUCHSTONE_UPLOAD_LIMIT_MB: String(2 * MEGABYTES),
  });
  try {
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

    console.log(`Reading ${PAGES} pages of its ${dataset.row_count.toLocaleString('en')} rows …`);
    const times: number[] = [];
    for (let i = 0; i < PAGES; i++) {
      const offset = i === 0 ? dataset.row_count - 20 : Math.floor((dataset.row_count * ((i * 37) % PAGES)) / PAGES);
      const asked = performance.now();
      const { rows } = await client.datasets.preview.query({ id: dataset.id, offset, limit: 20 });
      times.push(performance.now() - asked);
      if (rows[0]?.row_id !== offset || rows[0].values[0] !== String(offset))
        throw new Error(`Page ${offset} is wrong.`);
    }
    const sorted = times.toSorted((a, b) => a - b);
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
      {
        what: 'slowest page',
        value: sorted.at(-1)!,
        unit: 'ms',
        limit: PAGE_LIMIT_MS,
        note: `of ${PAGES}, median ${sorted[Math.floor(PAGES / 2)]!.toFixed(0)} ms, of ${dataset.row_count.toLocaleString('en')} rows`,
      },
    ];
  } finally {
    await stop();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'touchstone-bench-datasets-'));
try {
  console.log(`Load ${loadavg()[0]!.toFixed(1)} before the start.`);
  const results = await bench(folder);
  printTable(results);
  console.log(`\nLoad ${loadavg()[0]!.toFixed(1)} over the last minute.`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
