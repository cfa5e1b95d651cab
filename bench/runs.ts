/** Experiments on the stack, timed. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeDialogues } from '../e2e/support/dialogues.ts';
import {
  createExperiment,
  type Experiment,
  isOver,
  untilExperiment,
  uploadDialogues,
} from '../e2e/support/experiments.ts';
import type { Stack } from '../e2e/support/stack.ts';
import { startFakeLlm } from '../packages/fake-llm/src/index.ts';
import { createRayClient } from '../packages/ray-client/src/index.ts';
import type { Result } from './report.ts';

const ROWS = 500;
const LATENCY_S = 0.2;
const CONCURRENCY = 64;
const IDEAL_S = (ROWS * LATENCY_S) / CONCURRENCY;
const OVERHEAD = 1.25;

const SMALL_ROWS = 10;
const SMALL_LIMIT_S = 5;
const POLL_MS = 50;

/** `seconds.inference` of an endpoint model: first call sent to last row journaled. And how fast its answers were scored. */
export async function measureInference({ client }: Stack, run: number): Promise<{ seconds: Result; scoring: Result }> {
  await using endpoint = await startFakeLlm({ latency_ms: LATENCY_S * 1000 });
  const dataset = await uploadDialogues(client, `bench-${ROWS}-${run}`, makeDialogues(ROWS));
  const { id } = await createExperiment(client, {
    name: `Endpoint ${run}`,
    dataset_id: dataset.id,
    models: [{ name: 'endpoint', model: 'm', base_url: endpoint.base_url, concurrency: CONCURRENCY }],
    metrics: ['rouge', 'bleu', 'chrf', 'exact_match', 'length'],
  });
  const workflow = succeeded(await untilExperiment(client, id, isOver, { within_s: 300 }));
  const { calls, max_in_flight } = await endpoint.ledger();
  if (calls !== ROWS) throw new Error(`The endpoint was called ${calls} times for ${ROWS} rows.`);
  const { inference, evaluation } = workflow.seconds;
  return {
    seconds: {
      what: `${ROWS} rows, ${LATENCY_S * 1000} ms, ${CONCURRENCY} at once`,
      value: inference!,
      unit: 's',
      limit: IDEAL_S * OVERHEAD,
      note: `${(inference! / IDEAL_S).toFixed(2)} × ${IDEAL_S.toFixed(2)} s; at most ${max_in_flight} in flight, p95 ${workflow.latency_ms!.p95.toFixed(0)} ms`,
    },
    scoring: {
      what: 'all metrics',
      value: ROWS / evaluation!,
      unit: 'rows/s',
      note: `${evaluation!.toFixed(2)} s for ${ROWS} answers`,
    },
  };
}

/** What Touchstone adds to the two jobs of a small experiment: its wall time less that of two jobs that do nothing. */
export async function measureSmallExperiment(stack: Stack, run: number): Promise<Result> {
  const { client } = stack;
  const dataset = await uploadDialogues(client, `bench-${SMALL_ROWS}-${run}`, makeDialogues(SMALL_ROWS));
  const nothing = await timeEmptyJobs(stack, 2);
  const from = performance.now();
  const { id } = await createExperiment(client, {
    name: `Baseline ${run}`,
    dataset_id: dataset.id,
    models: ['baseline/lead-3'],
    metrics: ['rouge', 'bleu', 'chrf'],
  });
  const experiment = await untilExperiment(client, id, isOver, { every_ms: POLL_MS });
  const wall = (performance.now() - from) / 1000;
  const { seconds, jobs } = succeeded(experiment);
  const lives = jobs.map(({ kind, created_at, started_at, finished_at }) => {
    const at = (time: string | null) => (Date.parse(time!) - Date.parse(experiment.created_at)) / 1000;
    return `${kind} ${at(created_at).toFixed(1)}–${at(started_at).toFixed(1)}–${at(finished_at).toFixed(1)}`;
  });
  return {
    what: `${SMALL_ROWS} rows of a baseline`,
    value: wall - nothing,
    unit: 's',
    limit: SMALL_LIMIT_S,
    note: `${wall.toFixed(2)} s less ${nothing.toFixed(2)} s of two empty jobs (created–first beat–over: ${lives.join(', ')}; work ${(seconds.inference ?? 0).toFixed(2)} + ${(seconds.evaluation ?? 0).toFixed(2)} s)`,
  };
}

function succeeded({ status, workflows: [workflow] }: Experiment): Experiment['workflows'][number] {
  if (status !== 'succeeded') throw new Error(`The experiment ended as ${status}: ${workflow!.reason}`);
  return workflow!;
}

/** Seconds that Ray takes for so many jobs, one after another, that end at once. */
async function timeEmptyJobs({ home, client }: Stack, count: number): Promise<number> {
  const { services } = await client.status.get.query();
  const token = readFileSync(join(home, 'keys', 'ray-token'), 'utf8').trim();
  const ray = createRayClient({ url: services.ray.url!, token });
  const from = performance.now();
  for (let job = 0; job < count; job++) {
    const submission_id = `empty-${randomUUID()}`;
    await ray.submit({ submission_id, entrypoint: 'python -c pass' });
    let status = '';
    while (status !== 'SUCCEEDED') {
      if (status === 'FAILED' || status === 'STOPPED') throw new Error(`An empty job ended as ${status}.`);
      await sleep(POLL_MS);
      status = (await ray.get(submission_id))?.status ?? '';
    }
  }
  return (performance.now() - from) / 1000;
}
