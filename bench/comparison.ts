/**
 * How long comparisons take: the jobs over made-up scores (bench/comparison.py), and the answer that a page of a finished one asks for.
 * Part of `npm run bench`, or alone `node bench/comparison.ts`. Runs on a Postgres and a server of its own.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openDatabase } from '../packages/db/src/index.ts';
import { programOf } from '../packages/local-stack/src/index.ts';
import { ComparisonResult, type EvaluationResult, type InferenceResult } from '../packages/schemas/src/index.ts';
import { printTable, type Result } from './report.ts';
import { type BenchServer, percentile, startBenchServer } from './server.ts';

const WORKFLOWS = 10;
const ROWS = 100_000;
/** Of a usual experiment: how long a person waits for a verdict. */
const FEW_ROWS = 1_000;
const CLOSED_LIMIT_S = 10;
const MEMORY_LIMIT_MB = 1024;
const RESAMPLED_LIMIT_S = 600;
const OPEN_LIMIT_MS = 300;
const OPENED = 40;

type Found = { wall_s: number; seconds: number; cpu_s: number; peak_mb: number; test: string; result_file: string };

export async function measureComparisons(): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-bench-'));
  try {
    const closed = await compare(folder, ROWS, 'closed');
    const few = await compare(folder, FEW_ROWS, 'resampled');
    const many = await compare(folder, ROWS, 'resampled');
    const size = `${WORKFLOWS} models, ${ROWS.toLocaleString('en')} rows`;
    const load = `load ${loadavg()[0]!.toFixed(1)}`;
    const seconds = (what: string, { wall_s, cpu_s, test }: Found, limit?: number): Result => ({
      what,
      value: wall_s,
      unit: 's',
      ...(limit !== undefined && { limit }),
      note: `the whole process, ${cpu_s.toFixed(1)} s of a processor; ${test}; ${load}`,
    });
    return [
      seconds(`closed-form comparison: ${size}, 10 metrics`, closed, CLOSED_LIMIT_S),
      { what: 'its memory', value: closed.peak_mb, unit: 'MB', limit: MEMORY_LIMIT_MB, note: 'the most at once' },
      seconds(`resampled comparison: ${size}, BLEU, chrF, TER`, many, RESAMPLED_LIMIT_S),
      { what: 'its memory', value: many.peak_mb, unit: 'MB', limit: MEMORY_LIMIT_MB, note: 'the most at once' },
      seconds(`resampled comparison: ${WORKFLOWS} models, ${FEW_ROWS.toLocaleString('en')} rows`, few),
      await measureOpening(join(folder, 'server'), closed.result_file),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(folder: string, rows: number, kind: 'closed' | 'resampled'): Promise<Found> {
  console.log(`Comparing ${WORKFLOWS} models on ${rows.toLocaleString('en')} rows, ${kind} …`);
  const script = join(import.meta.dirname, 'comparison.py');
  const storage = mkdtempSync(join(folder, 'storage-'));
  const { stdout } = await promisify(execFile)(
    programOf('jobs', 'python'),
    [script, storage, String(rows), kind, String(WORKFLOWS)],
    { env: { ...process.env, PYTHONPATH: join(import.meta.dirname, '../jobs/src') } },
  );
  return JSON.parse(stdout);
}

/** A finished experiment with this comparison, asked for as its page does. */
async function measureOpening(folder: string, resultFile: string): Promise<Result> {
  const result = ComparisonResult.parse(JSON.parse(readFileSync(resultFile, 'utf8')));
  const server = await startBenchServer(folder);
  try {
    const experiment_id = await finish(server, result);
    const times: number[] = [];
    for (let i = 0; i < OPENED; i++) {
      const started = performance.now();
      const { comparison, recommendation } = await server.client.comparisons.get.query({ experiment_id });
      if (comparison?.pairs.length !== result.pairs.length || !recommendation) throw new Error('It is not all there.');
      times.push(performance.now() - started);
    }
    return {
      what: `opening a finished comparison of ${result.pairs.length} pairs, p95`,
      value: percentile(times, 0.95),
      unit: 'ms',
      limit: OPEN_LIMIT_MS,
      note: `${OPENED} requests over HTTP, one after another; load ${loadavg()[0]!.toFixed(1)}`,
    };
  } finally {
    await server.stop();
  }
}

async function finish({ client, database_url }: BenchServer, result: ComparisonResult): Promise<string> {
  const dataset = await client.uploadDataset({ filename: 'd.csv', body: 'examples,ground_truth\na,b\nc,d\n' });
  const { id, workflows } = await client.experiments.create.mutate({
    request_id: randomUUID(),
    name: 'Finished',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization',
    models: result.workflows.map((_, i) => ({ model: 'baseline/copy', name: `model ${i}` })),
    metrics: result.metrics.map(({ type }) => type as 'rouge1'),
  });
  const db = openDatabase(database_url);
  try {
    const ids = new Map(result.workflows.map(({ workflow_id }, i) => [workflow_id, workflows[i]!.id]));
    const base = { version: 1, attempt: 1, versions: {}, seconds: 1 } as const;
    const file = { key: 'k', size: 1, sha256: '0'.repeat(64) };
    const rows = { total: 2, answered: 2, failed: 0, not_run: 0, pending: 0 };
    const over = { status: 'succeeded' as const, attempt: 1, accepted_attempt: 1, finished_at: new Date() };
    for (const [i, workflow] of workflows.entries()) {
      const [inference] = await db.job.findMany({ where: { workflow_id: workflow.id } });
      const answered: InferenceResult = {
        ...base,
        job_id: inference!.id,
        kind: 'inference',
        rows_file: file,
        ended: 'complete',
        reason: null,
        outcome: {
          rows,
          errors: {},
          latency_ms: { p50: 1, p95: 2 },
          first_token_ms: null,
          tokens: null,
          cost: null,
          extra_answers: 0,
          truncated: 0,
        },
        spent: null,
      };
      const evaluation_id = randomUUID();
      const aggregate = { standard_error: 0.01, interval: null, median: null, scored: 2, total: 2 };
      const counts = { no_reference: 0, metric_error: 0, not_answered: 0, signature: 's' };
      const scored: EvaluationResult = {
        ...base,
        job_id: evaluation_id,
        kind: 'evaluation',
        rows_file: file,
        metrics: Object.fromEntries(
          result.metrics.map(({ name }) => [name, { value: 0.5 + i / 100, ...aggregate, ...counts }]),
        ),
        folded: null,
        judging: null,
      };
      await db.job.update({ where: { id: inference!.id }, data: { ...over, result: answered } });
      const { experiment_id, spec } = inference!;
      await db.job.create({
        data: {
          id: evaluation_id,
          experiment_id,
          workflow_id: workflow.id,
          kind: 'evaluation',
          spec: {
            ...(spec as object),
            kind: 'evaluation',
            metrics: result.metrics.map(({ name, type }) => ({ name, type })),
          },
          ...over,
          result: scored,
        },
      });
    }
    // As the server itself would make it of these results, so that it has no reason to make another.
    const ref = { key: file.key, sha256: file.sha256 };
    const spec = { workflows: workflows.map((one) => ({ workflow_id: one.id, scores: [ref], answers: ref })) };
    const found: ComparisonResult = {
      ...result,
      primary_metric: result.metrics[0]!.name,
      workflows: result.workflows.map((one) => ({ ...one, workflow_id: ids.get(one.workflow_id)! })),
      pairs: result.pairs.map((pair) => ({ ...pair, a: ids.get(pair.a)!, b: ids.get(pair.b)! })),
    };
    await db.job.create({
      data: { id: randomUUID(), experiment_id: id, kind: 'comparison', spec, ...over, result: found },
    });
    await db.workflow.updateMany({
      where: { experiment_id: id },
      data: { status: 'succeeded', finished_at: new Date() },
    });
    await db.experiment.update({
      where: { id },
      data: { status: 'succeeded', finished_at: new Date(), primary_metric: found.primary_metric },
    });
  } finally {
    await db.$disconnect();
  }
  return id;
}

if (import.meta.main) printTable(await measureComparisons());
