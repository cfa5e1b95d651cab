/**
 * How near the driver comes to what an endpoint allows: the process that Ray starts, on a job in a folder, against `fake-llm`, with no
 * server beside it. Alone: `node bench/inference.ts [limit] [many] [zero] [memory] [resume] [storm] [promptfoo]`; with `--full` memory is
 * that of 1,000,000 rows.
 */
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type FakeLlm, startFakeLlm } from '../packages/fake-llm/src/index.ts';
import { programOf } from '../packages/local-stack/src/index.ts';
import type { InferenceResult, JournalLine, Progress } from '../packages/schemas/src/index.ts';
import { comparePromptfoo } from './promptfoo.ts';
import { printTable, type Result } from './report.ts';
import { cpuSeconds } from './server.ts';

const SOURCES = join(import.meta.dirname, '..', 'jobs', 'src');
const LATENCY_MS = 200;

type JobOptions = { rows: number; concurrency: number; finished?: number };

/** A job in a folder of its own and the driver that runs it. */
type Run = {
  pid: number;
  started_at: number;
  progress: () => Progress | null;
  /** Resolves when the driver is over. Throws where it leaves no result. */
  result: () => Promise<InferenceResult & { cpu_s: number }>;
  lines: () => JournalLine[];
};

async function withJob<T>(endpoint: FakeLlm, options: JobOptions, measure: (run: Run) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-bench-'));
  const id = randomUUID();
  const { rows, concurrency, finished = 0 } = options;
  const env = {
    ...process.env,
    PYTHONPATH: SOURCES,
    PYTHONDONTWRITEBYTECODE: '1',
    TOUCHSTONE_STORAGE_URL: pathToFileURL(folder).href,
  };
  const python = programOf('jobs', 'python');
  try {
    const layout = [folder, id, endpoint.base_url, ...[rows, concurrency, finished].map(String)];
    await promisify(execFile)(python, [join(import.meta.dirname, 'make_job.py'), ...layout], { env });
    const attempt = finished > 0 ? 2 : 1;
    const started_at = Date.now();
    const driver = spawn(python, ['-m', 'touchstone_jobs', '--job', id, '--attempt', String(attempt)], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const over = once(driver, 'exit');
    const job = join(folder, 'jobs', id);
    const read = (name: string) => {
      const file = join(job, 'attempts', String(attempt), name);
      return existsSync(file) ? readFileSync(file, 'utf8') : null;
    };
    let cpu_s = 0;
    const watch = setInterval(() => {
      try {
        cpu_s = cpuSeconds(driver.pid!);
      } catch {} // it is over
    }, 100);
    try {
      return await measure({
        pid: driver.pid!,
        started_at,
        progress: () => JSON.parse(read('progress.json') ?? 'null') as Progress | null,
        result: async () => {
          await over;
          const result = read('result.json');
          if (result === null) throw new Error(`The driver ended without a result (exit code ${driver.exitCode}).`);
          const parsed = JSON.parse(result) as InferenceResult;
          const { answered, failed } = parsed.outcome.rows;
          if (answered + failed !== rows) throw new Error(`The driver ended early: ${parsed.ended}, ${parsed.reason}`);
          return { ...parsed, cpu_s };
        },
        lines: () => {
          const names = readdirSync(join(job, 'journal')).filter((name) => name.endsWith('.jsonl'));
          const merged = names.filter((name) => /-\d{6}-\d{6}\.jsonl$/.test(name)).map(rangeOf);
          const kept = names.filter((name) => {
            const one = rangeOf(name);
            return one.first !== one.last || !merged.some(({ first, last }) => one.first >= first && one.last <= last);
          });
          const texts = kept.map((name) => readFileSync(join(job, 'journal', name), 'utf8').trim());
          return texts.flatMap((text) => text.split('\n').map((line) => JSON.parse(line) as JournalLine));
        },
      });
    } finally {
      clearInterval(watch);
      if (driver.exitCode === null && driver.signalCode === null) {
        driver.kill('SIGKILL');
        await over;
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rangeOf(name: string): { first: number; last: number } {
  const [first, last = first] = /-(\d{6})(?:-(\d{6}))?\.jsonl$/.exec(name)!.slice(1).filter(Boolean).map(Number);
  return { first: first!, last: last! };
}

/** 2,000 rows as fast as 64 calls at once allow, and whether the latency that is reported is the endpoint's. */
async function measureLimit(): Promise<Result[]> {
  const [rows, concurrency] = [2000, 64];
  await using endpoint = await startFakeLlm({ latency_ms: LATENCY_MS });
  const { seconds, cpu_s, outcome } = await withJob(endpoint, { rows, concurrency }, (run) => run.result());
  const { calls, max_in_flight } = await endpoint.counts();
  if (calls !== rows || outcome.rows.answered !== rows) throw new Error(`${calls} calls for ${rows} rows.`);
  const ideal = (rows * LATENCY_MS) / 1000 / concurrency;
  const { p50, p95 } = outcome.latency_ms!;
  return [
    {
      what: `inference of ${rows} rows, ${LATENCY_MS} ms, ${concurrency} at once`,
      value: seconds,
      unit: 's',
      limit: ideal / 0.9,
      note: `${(ideal / seconds).toFixed(3)} of what the endpoint allows (${ideal.toFixed(2)} s), at least 0.90; at most ${max_in_flight} in flight`,
    },
    {
      what: 'processor time of a call',
      value: (cpu_s / rows) * 1000,
      unit: 'ms',
      note: 'of the driver, its start included',
    },
    {
      what: 'reported latency p50, off by',
      value: (Math.abs(p50 - LATENCY_MS) / LATENCY_MS) * 100,
      unit: '%',
      limit: 5,
      note: `${p50.toFixed(1)} ms`,
    },
    {
      what: 'reported latency p95, off by',
      value: (Math.abs(p95 - LATENCY_MS) / LATENCY_MS) * 100,
      unit: '%',
      limit: 15,
      note: `${p95.toFixed(1)} ms`,
    },
  ];
}

/** 20,000 rows with 256 calls at once, after the first 2,000. */
async function measureMany(): Promise<Result[]> {
  const [rows, concurrency, warm] = [20_000, 256, 2000];
  await using endpoint = await startFakeLlm({ latency_ms: LATENCY_MS });
  const { times, cpu_s } = await withJob(endpoint, { rows, concurrency }, async (run) => {
    const { cpu_s } = await run.result();
    return { times: run.lines().map(({ finished_at }) => finished_at), cpu_s };
  });
  times.sort((a, b) => a - b);
  const rate = (rows - warm) / (times.at(-1)! - times[warm - 1]!);
  const ideal = concurrency / (LATENCY_MS / 1000);
  return [
    {
      what: `${rows} rows, ${LATENCY_MS} ms, ${concurrency} at once: a row`,
      value: 1000 / rate,
      unit: 'ms',
      limit: 1000 / (ideal * 0.75),
      note: `${rate.toFixed(0)} rows/s, ${(rate / ideal).toFixed(3)} of ${ideal}, at least 0.75; ${((cpu_s / rows) * 1000).toFixed(2)} ms of processor time a call`,
    },
  ];
}

/** An endpoint that takes no time: what the driver itself can do. */
async function measureZero(): Promise<Result[]> {
  const rows = 20_000;
  await using endpoint = await startFakeLlm();
  const { seconds, cpu_s } = await withJob(endpoint, { rows, concurrency: 64 }, (run) => run.result());
  return [
    {
      what: `${rows} rows, no latency: a row`,
      value: (seconds / rows) * 1000,
      unit: 'ms',
      limit: 1000 / 800,
      note: `${(rows / seconds).toFixed(0)} rows/s from dataset to journal, at least 800; ${((cpu_s / rows) * 1000).toFixed(2)} ms of processor time a call`,
    },
  ];
}

/** Until then the driver's own structures, and what Python keeps of freed memory, grow to their size. */
const FLAT_AFTER = 100_000;

/** What the driver holds while a job grows, and at its end, when it folds; how it grows, only a long one tells. */
async function measureMemory(isFull: boolean): Promise<Result[]> {
  const rows = isFull ? 1_000_000 : 100_000;
  await using endpoint = await startFakeLlm();
  const samples = await withJob(endpoint, { rows, concurrency: 64 }, async (run) => {
    const found: { done: number; mb: number }[] = [];
    const over = run.result().then(() => true);
    while (!(await Promise.race([over, sleep(500, false)]))) {
      const kb = /^VmRSS:\s+(\d+) kB/m.exec(statusOf(run.pid))?.[1];
      const counts = run.progress()?.rows;
      if (kb) found.push({ done: counts ? counts.answered + counts.failed : 0, mb: Number(kb) / 1024 });
    }
    return found;
  });
  const most = Math.max(...samples.map(({ mb }) => mb));
  const last = samples.findLast(({ done }) => done < rows)!;
  const peak: Result = {
    what: `memory of the driver, ${rows.toLocaleString('en')} rows`,
    value: most,
    unit: 'MB',
    limit: 600,
    note: `${last.mb.toFixed(0)} MB at ${last.done} rows, the fold at the end included`,
  };
  if (!isFull) return [peak];
  const from = samples.find(({ done }) => done >= FLAT_AFTER)!;
  return [
    peak,
    {
      what: `and for each row beyond ${FLAT_AFTER.toLocaleString('en')}`,
      value: Math.max(((last.mb - from.mb) * 2 ** 20) / (last.done - from.done), 0),
      unit: 'bytes',
      limit: 100,
      note: `while rows come in; ${from.mb.toFixed(0)} MB at ${from.done} rows`,
    },
  ];
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

/** A job of which an attempt did half goes on. */
async function measureResume(): Promise<Result[]> {
  const rows = 100_000;
  await using endpoint = await startFakeLlm({ latency_ms: LATENCY_MS });
  const seconds = await withJob(endpoint, { rows, concurrency: 64, finished: rows / 2 }, async (run) => {
    while ((await endpoint.counts()).calls === 0) {
      if (Date.now() - run.started_at > 120_000) throw new Error('There was no call within 120 s.');
      await sleep(20);
    }
    return (Date.now() - run.started_at) / 1000;
  });
  return [
    {
      what: `a half-done job of ${rows.toLocaleString('en')} rows: to the first new call`,
      value: seconds,
      unit: 's',
      limit: 5,
      note: 'from the start of the driver',
    },
  ];
}

/** Thirty seconds of 429, and how soon calls come in as before. */
async function measureStorm(): Promise<Result[]> {
  const [rows, concurrency] = [25_000, 64];
  const [from, to] = [10, 40];
  await using endpoint = await startFakeLlm({
    latency_ms: LATENCY_MS,
    storm_s: [from, to],
    storm: '429 retry-after=1',
  });
  const { times, failed, begin } = await withJob(endpoint, { rows, concurrency }, async (run) => {
    while ((await endpoint.counts()).calls === 0) await sleep(20);
    const begin = Date.now() / 1000;
    const { outcome } = await run.result();
    return { times: run.lines().map(({ finished_at }) => finished_at), failed: outcome.rows.failed, begin };
  });
  const rate = (second: number, width: number) =>
    times.filter((at) => at >= begin + second && at < begin + second + width).length / width;
  const before = rate(3, from - 4);
  const last = Math.max(...times) - begin;
  const back = Array.from({ length: 120 }, (_, i) => to + i / 2).find(
    (second) => second + 3 < last && rate(second, 3) >= 0.9 * before,
  );
  return [
    {
      what: 'after 30 s of 429: to 90 % of the rate before',
      value: back === undefined ? Number.POSITIVE_INFINITY : back - to,
      unit: 's',
      limit: 30,
      note: `${before.toFixed(0)} rows/s before, ${(back === undefined ? 0 : rate(back, 3)).toFixed(0)} after`,
    },
    { what: 'rows that failed in the storm', value: failed, unit: '', limit: 0, note: `of ${rows}` },
  ];
}

const MEASURES: Record<string, () => Promise<Result[]>> = {
  limit: measureLimit,
  many: measureMany,
  zero: measureZero,
  memory: () => measureMemory(process.argv.includes('--full')),
  resume: measureResume,
  storm: measureStorm,
  promptfoo: comparePromptfoo,
};

export async function measureInferenceJobs(names: readonly string[] = Object.keys(MEASURES)): Promise<Result[]> {
  const results: Result[] = [];
  for (const name of names) {
    const measure = MEASURES[name];
    if (!measure) throw new Error(`There is no "${name}": ${Object.keys(MEASURES).join(', ')}.`);
    console.log(`Inference: ${name} …`);
    results.push(...(await measure()));
  }
  return results;
}

if (import.meta.main) {
  const names = process.argv.slice(2).filter((word) => !word.startsWith('--'));
  console.log(`${cpus().length} CPUs, load ${loadavg()[0]!.toFixed(1)} before the start.`);
  printTable(await measureInferenceJobs(names.length > 0 ? names : undefined));
  console.log(`Load ${loadavg()[0]!.toFixed(1)} at the end.`);
}
