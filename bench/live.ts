/**
 * Open pages on one experiment that runs: how soon a change is on each of them, and what that costs the server. Part of
 * `npm run bench`, or alone `node bench/live.ts` with Node 24. Runs on a Postgres and a server of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeDialogues } from '../e2e/support/dialogues.ts';
import { createExperiment, uploadDialogues } from '../e2e/support/experiments.ts';
import { openDatabase } from '../packages/db/src/index.ts';
import { printTable, type Result } from './report.ts';
import { type BenchServer, cpuSeconds, percentile, startBenchServer } from './server.ts';

const PAGES = Number(process.env.BENCH_PAGES ?? 200);
const MODELS = 5;
const ROWS = 1000;
const SECONDS = 30;
const CHANGES_PER_S = 10;
const LIMIT_MS = 1000;
const LIMIT_CORES = 1;
/** What a page waits for further events before it asks: apps/web/src/lib/live.ts. */
const GATHER_MS = 30;

/** A page as a browser has it: a session and connections of its own, the stream of events, and what it asks for when it is told. */
type Page = {
  answers: { change: number; at: number }[];
  failures: number;
  close: () => void;
};

async function openPage({ url }: BenchServer, cookie: string, id: string): Promise<Page> {
  const agent = new Agent({ keepAlive: true });
  const get = (path: string, accept: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request(`${url}${path}`, { agent, headers: { cookie, accept } }, (response) => {
        if (response.statusCode === 200) resolve(response);
        else reject(new Error(`${path} answered HTTP ${response.statusCode}.`));
      });
      asked.on('error', reject).end();
    });
  // The experiment, and the count of running work in the top bar, in one request as the page batches them.
  const input = encodeURIComponent(JSON.stringify({ 0: { id }, 1: {} }));
  const page: Page = {
    answers: [],
    failures: 0,
    close: () => {
      events.destroy();
      agent.destroy();
    },
  };
  const ask = async () => {
    let body = '';
    const response = await get(`/trpc/experiments.get,experiments.counts?batch=1&input=${input}`, 'application/json');
    for await (const chunk of response) body += chunk;
    const [{ result }] = JSON.parse(body) as [{ result: { data: { workflows: { rows: { answered: number } }[] } } }];
    const change = result.data.workflows.reduce((sum, { rows }) => sum + rows.answered, 0);
    page.answers.push({ change, at: performance.now() });
  };
  const events = await get('/trpc/events.changes', 'text/event-stream');
  let asksSoon = false;
  events.on('data', (chunk: Buffer) => {
    if (asksSoon || !chunk.includes(id)) return;
    asksSoon = true;
    setTimeout(() => {
      asksSoon = false;
      ask().catch(() => {
        page.failures += 1;
      });
    }, GATHER_MS);
  });
  events.on('error', () => {});
  return page;
}

/** The first answer with this change, or with a later one in its place; a change that a page never showed took for ever. */
function seenAt({ answers }: Page, change: number): number {
  return answers.find((answer) => answer.change >= change)?.at ?? Number.POSITIVE_INFINITY;
}

async function signIn({ url, client }: BenchServer): Promise<string> {
  const link = new URL((await client.sign_in_links.create.mutate()).url);
  const answer = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: link.searchParams.get('token') }),
  });
  return answer.headers.getSetCookie()[0]!.split(';')[0]!;
}

/** Rows answered one by one, in turn over the models, as the reconciler writes progress. @returns when each was committed */
async function makeChanges(database_url: string, experiment_id: string, signal: AbortSignal): Promise<number[]> {
  const db = openDatabase(database_url);
  const jobs = await db.job.findMany({ where: { experiment_id }, select: { id: true } });
  const committed: number[] = [];
  const from = performance.now();
  for (let change = 1; change <= SECONDS * CHANGES_PER_S; change++) {
    await sleep(Math.max(0, from + (change * 1000) / CHANGES_PER_S - performance.now()), undefined, { signal });
    const answered = Math.ceil(change / MODELS);
    const rows = { total: ROWS, answered, failed: 0, not_run: 0, pending: ROWS - answered };
    const none = { errors: {}, latency_ms: null, tokens: null, cost: null, concurrency: 1, waiting_for: null };
    const progress = { beat: change, stage: 'inference', rows, rows_per_second: 2, elapsed_s: change, ...none };
    await db.job.update({
      where: { id: jobs[(change - 1) % MODELS]!.id },
      // Due in a day: nothing else changes it.
      data: { status: 'running', progress, due_at: new Date(Date.now() + 86_400_000) },
    });
    committed.push(performance.now());
  }
  await db.$disconnect();
  return committed;
}

export async function measureLive(signal: AbortSignal): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-bench-live-'));
  const server = await startBenchServer(folder);
  const pages: Page[] = [];
  try {
    const dataset = await uploadDialogues(server.client, 'live', makeDialogues(ROWS));
    const { id } = await createExperiment(server.client, {
      name: 'Live',
      dataset_id: dataset.id,
      models: Array.from({ length: MODELS }, () => 'baseline/copy'),
      metrics: ['rouge'],
    });
    console.log(`Opening ${PAGES} pages …`);
    for (let n = 0; n < PAGES; n++) pages.push(await openPage(server, await signIn(server), id));
    console.log(`${CHANGES_PER_S} changes a second for ${SECONDS} s …`);
    const [cpu, from] = [cpuSeconds(server.pid), performance.now()];
    const committed = await makeChanges(server.database_url, id, signal);
    const seconds = (performance.now() - from) / 1000;
    const cores = (cpuSeconds(server.pid) - cpu) / seconds;
    await sleep(2 * LIMIT_MS, undefined, { signal });
    const delays = pages.flatMap((page) => committed.map((at, i) => seenAt(page, i + 1) - at));
    const count = (key: (page: Page) => number) => pages.reduce((sum, page) => sum + key(page), 0);
    return [
      {
        what: `${PAGES} live pages`,
        value: percentile(delays, 0.95),
        unit: 'ms',
        limit: LIMIT_MS,
        note: `p95 from a change's commit until a page has its data, median ${percentile(delays, 0.5).toFixed(0)} ms, longest ${percentile(delays, 1).toFixed(0)} ms`,
      },
      {
        what: 'processor of the server',
        value: cores,
        unit: 'cores',
        limit: LIMIT_CORES,
        note: `${CHANGES_PER_S} changes a second; ${(count(({ answers }) => answers.length) / seconds).toFixed(0)} answers a second, ${count(({ failures }) => failures)} failures`,
      },
    ];
  } finally {
    for (const page of pages) page.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) printTable(await measureLive(new AbortController().signal));
