/**
 * Lists, filters, searches and counts over many experiments and jobs, asked over HTTP at a steady rate: part of `npm run bench`, or
 * alone `node bench/lists.ts` with Node 24. Runs on a Postgres and a server of its own; needs 3 GB of disk, which it frees.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TouchstoneClient } from '../packages/client/src/index.ts';
import { openDatabase } from '../packages/db/src/index.ts';
import { printTable, type Result } from './report.ts';
import { percentile, startBenchServer } from './server.ts';

const EXPERIMENTS = Number(process.env.BENCH_EXPERIMENTS ?? 100_000);
const WORKFLOWS = 3;
const REQUESTS_PER_S = 20;
const SECONDS = 30;
const LIMIT_MS = 150;
const SEED_MS = 20 * 60_000;

/**
 * Experiments that are over, but for a few: three models each, an inference and an evaluation for each model, with specs and results
 * of the usual size. One of 500 has a word of its own; nothing of it goes through the server, and no trigger runs.
 */
const SEED = `
SET LOCAL session_replication_role = replica;
CREATE FUNCTION pg_temp.id(name text) RETURNS uuid IMMUTABLE LANGUAGE sql
RETURN overlay(overlay(md5(name) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid;
INSERT INTO dataset (id, status, root_id, name, filename, format, row_count, created_at)
SELECT id, 'ready', id, 'Dialogues ' || n, 'dialogues-' || n || '.csv', 'csv', 500, now()
FROM (SELECT pg_temp.id('d' || n) AS id, n FROM generate_series(0, 39) n) d;

INSERT INTO experiment (id, name, description, dataset_id, input_column, reference_column, task, prompt, metrics, primary_metric, seed,
  sample, status, created_at, run_started_at, finished_at)
SELECT pg_temp.id('e' || n),
  (ARRAY['Short summaries', 'Nightly comparison', 'Tone of answers', 'Prompt study', 'Release check'])[1 + n % 5] || ' ' || n ||
    CASE WHEN n % 500 = 0 THEN ' walrus' ELSE '' END,
  CASE WHEN n % 3 = 0 THEN 'What the team asked for after the review of the week before, with the longer prompt.' ELSE '' END,
  pg_temp.id('d' || (n % 40)), 'examples', 'ground_truth',
  CASE WHEN n % 50 = 0 THEN '{"translation": {"source": "en", "target": "de"}}' ELSE '"summarization"' END::jsonb,
  repeat('Summarize the following text in one or two sentences. ', 6), '[{"type": "rouge1", "name": "rouge1"}, {"type": "rougeL", "name": "rougeL"}]', 'rougeL', 0,
  jsonb_build_object('rows', 500, 'available', 500, 'blank_input', 0, 'blank_reference', 0, 'sha256', repeat('0', 64)),
  CASE WHEN n > $1 - 20 THEN 'running' WHEN n % 100 = 1 THEN 'failed' WHEN n % 20 = 2 THEN 'partial' WHEN n % 50 = 3 THEN 'stopped'
    ELSE 'succeeded' END::run_status,
  at, at, CASE WHEN n <= $1 - 20 THEN at + interval '5 minutes' END
FROM (SELECT n, now() - ($1 - n) * interval '1 minute' AS at FROM generate_series(1, $1) n) e;

INSERT INTO workflow (id, experiment_id, name, position, model, status, created_at, finished_at)
SELECT pg_temp.id('w' || n || ' ' || p), e.id, (ARRAY['lead-3', 'mistral-small', 'llama-8b'])[p + 1], p,
  jsonb_build_object('model', (ARRAY['baseline/lead-3', 'mistral-small-latest', 'llama-3.1-8b'])[p + 1]), e.status, e.created_at, e.finished_at
FROM generate_series(1, $1) n JOIN experiment e ON e.id = pg_temp.id('e' || n), generate_series(0, ${WORKFLOWS - 1}) p;

INSERT INTO job (id, experiment_id, workflow_id, kind, status, spec, attempt, result, progress, accepted_attempt, created_at, started_at,
  finished_at, due_at)
SELECT pg_temp.id('j' || w.id || k.kind), w.experiment_id, w.id, k.kind,
  CASE w.status WHEN 'running' THEN 'running' WHEN 'failed' THEN 'failed' WHEN 'stopped' THEN 'stopped' ELSE 'succeeded' END::job_status,
  jsonb_build_object('version', 1, 'kind', k.kind, 'job_id', w.id, 'prompt', repeat('Summarize this text in a sentence. ', 12), 'padding', k.noise),
  1, CASE WHEN w.status <> 'running' THEN k.result END, k.progress, 1, w.created_at, w.created_at, w.finished_at, now() + interval '1 day'
FROM workflow w, LATERAL (
  SELECT 'inference'::job_kind AS kind, found.progress || '{"beat": 9, "stage": "done", "elapsed_s": 5, "rows_per_second": null, "concurrency": null, "waiting_for": null}' AS progress, found.noise,
    jsonb_build_object('version', 1, 'kind', 'inference', 'seconds', 5, 'outcome', found.progress, 'versions', found.noise) AS result
  FROM (SELECT
    jsonb_build_object('rows', '{"total": 500, "answered": 498, "failed": 2, "not_run": 0, "pending": 0}'::jsonb, 'errors', '{}'::jsonb,
      'latency_ms', NULL, 'tokens', NULL, 'cost', NULL) AS progress,
    (SELECT jsonb_object_agg('library-' || i, md5(w.id::text || i)) FROM generate_series(1, 20) i) AS noise) found
  UNION ALL
  SELECT 'evaluation', NULL, '{}'::jsonb, jsonb_build_object('version', 1, 'kind', 'evaluation', 'seconds', 3, 'folded', NULL, 'metrics',
    (SELECT jsonb_object_agg(metric, jsonb_build_object('value', random(), 'standard_error', random(), 'scored', 498, 'total', 500,
      'signature', repeat(md5(w.id::text || metric), 4))) FROM unnest(ARRAY['rouge1', 'rouge2', 'rougeL', 'bleu', 'chrf']) metric))
) k;

ANALYZE;
UPDATE experiment SET search_text = experiment_search_text(id);
ANALYZE;
`;

async function seed(database_url: string): Promise<void> {
  const db = openDatabase(database_url);
  await db.$transaction(
    async (tx) => {
      for (const statement of SEED.split(';\n')) {
        if (statement.trim() !== '') await tx.$executeRawUnsafe(statement.replaceAll('$1', String(EXPERIMENTS)));
      }
    },
    { timeout: SEED_MS },
  );
  await db.$disconnect();
}

type Query = { what: string; ask: () => Promise<unknown> };

/** Where a page in the middle of the list begins. */
const middle = (id: string) => `${Date.now() - (EXPERIMENTS / 2) * 60_000}_${id}`;

async function findQueries({ experiments, jobs }: TouchstoneClient): Promise<Query[]> {
  const list = (input: Parameters<typeof experiments.list.query>[0]) => () => experiments.list.query(input);
  const counts = (input: Parameters<typeof experiments.counts.query>[0]) => () => experiments.counts.query(input);
  const listJobs = (input: Parameters<typeof jobs.list.query>[0]) => () => jobs.list.query(input);
  const [first] = (await experiments.list.query({ limit: 1 })).items;
  const { id, dataset } = first!;
  return [
    { what: 'experiments: first page', ask: list({}) },
    { what: 'experiments: page in the middle', ask: list({ cursor: middle(id) }) },
    { what: 'experiments: failed', ask: list({ status: 'failed' }) },
    { what: 'experiments: running', ask: list({ status: 'running' }) },
    { what: 'experiments: of a dataset', ask: list({ dataset_id: dataset.id }) },
    { what: 'experiments: translation', ask: list({ task: 'translation' }) },
    {
      what: 'experiments: stopped, of a dataset, translation',
      ask: list({ status: 'stopped', dataset_id: dataset.id, task: 'translation' }),
    },
    { what: 'experiments: search in all', ask: list({ search: 'mistral' }) },
    { what: 'experiments: search in one of 500', ask: list({ search: 'walrus' }) },
    { what: 'experiments: search in one', ask: list({ search: `Prompt study ${EXPERIMENTS - 7}` }) },
    { what: 'experiments: search of two letters', ask: list({ search: 'zq' }) },
    { what: 'experiments: search in none, failed', ask: list({ search: 'hippopotamus', status: 'failed' }) },
    { what: 'counts: all', ask: counts({}) },
    { what: 'counts: search in all', ask: counts({ search: 'mistral' }) },
    { what: 'counts: search in one of 500', ask: counts({ search: 'walrus' }) },
    { what: 'counts: search of two letters', ask: counts({ search: 'zq' }) },
    { what: 'counts: of a dataset', ask: counts({ dataset_id: dataset.id }) },
    { what: 'counts: translation', ask: counts({ task: 'translation' }) },
    { what: 'a free name', ask: () => experiments.suggest_name.query({ name: 'Nightly comparison 6' }) },
    { what: 'jobs: first page', ask: listJobs({}) },
    { what: 'jobs: page in the middle', ask: listJobs({ cursor: middle(id) }) },
    { what: 'jobs: failed', ask: listJobs({ status: 'failed' }) },
    { what: 'jobs: pending', ask: listJobs({ status: 'pending' }) },
    { what: 'jobs: evaluations that failed', ask: listJobs({ kind: 'evaluation', status: 'failed' }) },
    { what: 'jobs: search in all', ask: listJobs({ search: 'mistral' }) },
    { what: 'jobs: search in one of 500', ask: listJobs({ search: 'walrus' }) },
    { what: 'jobs: search in none', ask: listJobs({ search: 'hippopotamus' }) },
    { what: 'jobs: of an experiment', ask: listJobs({ experiment_id: id }) },
  ];
}

/** Each query in turn, a request every 1/20 s whether or not the one before was answered. @returns milliseconds by query */
async function drive(queries: readonly Query[], signal: AbortSignal): Promise<number[][]> {
  const times = queries.map((): number[] => []);
  const asked: Promise<void>[] = [];
  const from = performance.now();
  for (let n = 0; n < REQUESTS_PER_S * SECONDS; n++) {
    await sleep(Math.max(0, from + (n * 1000) / REQUESTS_PER_S - performance.now()), undefined, { signal });
    const sent = performance.now();
    const which = n % queries.length;
    asked.push(queries[which]!.ask().then(() => void times[which]!.push(performance.now() - sent)));
  }
  await Promise.all(asked);
  return times;
}

/** @returns 95th percentiles, each with its limit. */
export async function measureLists(signal: AbortSignal): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-bench-lists-'));
  try {
    const server = await startBenchServer(folder);
    try {
      console.log(`Writing ${EXPERIMENTS.toLocaleString('en')} experiments and their jobs …`);
      await seed(server.database_url);
      const queries = await findQueries(server.client);
      // The first of each loads what every other finds loaded.
      for (const { ask } of queries) await ask();
      console.log(`Asking for lists, ${REQUESTS_PER_S} times a second for ${SECONDS} s …`);
      const times = await drive(queries, signal);
      return queries.map(({ what }, i) => ({
        what,
        value: percentile(times[i]!, 0.95),
        unit: 'ms',
        limit: LIMIT_MS,
        note: `p95 of ${times[i]!.length}, median ${percentile(times[i]!, 0.5).toFixed(0)} ms, of ${EXPERIMENTS.toLocaleString('en')} experiments`,
      }));
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) printTable(await measureLists(new AbortController().signal));
