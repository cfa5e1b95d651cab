/** One experiment under a fault, and what must be true of it afterwards, with the endpoint's ledger as witness. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TouchstoneClient } from '@touchstone/client';
import { type FakeLlm, hashOf } from '@touchstone/fake-llm';
import { expect } from 'vitest';

export const ROWS = 240;
export const CONCURRENCY = 8;
export const LATENCY_MS = 400;
/** Calls that a second can hold. */
const A_SECOND = CONCURRENCY * (1000 / LATENCY_MS);
/** What a crash may cost: the calls in flight and the rows of the last second. */
export const A_CRASH = CONCURRENCY + A_SECOND;
/** The same where storage is away: a driver that cannot write calls on for three seconds. */
export const A_CRASH_WITHOUT_STORAGE = A_CRASH + 3 * A_SECOND;
const CONVERGES_S = 60;

export type Experiment = Awaited<ReturnType<TouchstoneClient['experiments']['get']['query']>>;

const inputOf = (row: number) => `Row ${row} came in. It was read.`;
const isOver = ({ status }: Experiment) => status !== 'created' && status !== 'running';

export async function startExperiment(client: TouchstoneClient, endpoint: FakeLlm, name: string): Promise<string> {
  const lines = Array.from({ length: ROWS }, (_, row) => `${inputOf(row)},Row ${row}.`);
  const dataset = await client.uploadDataset({
    name,
    filename: 'rows.csv',
    body: `examples,ground_truth\n${lines.join('\n')}\n`,
  });
  const { id } = await client.experiments.create.mutate({
    request_id: randomUUID(),
    name,
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization',
    prompt: '{{examples}}',
    models: [{ name: 'fake', model: 'm', base_url: endpoint.base_url, concurrency: CONCURRENCY }],
    metrics: ['length'],
  });
  return id;
}

export async function until<T>(what: string, look: () => Promise<T | null>, seconds: number): Promise<T> {
  let last: unknown;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    try {
      const found = await look();
      if (found !== null) return found;
    } catch (error) {
      last = error; // a service that is away is asked again
    }
    await sleep(100);
  }
  throw new Error(`${what}: not within ${seconds} s`, { cause: last });
}

/** The prompts of the rows that a page would show as answered, once there are some and many are left. */
export async function untilSomeAreShown(client: TouchstoneClient, id: string): Promise<string[]> {
  return until(
    'some rows are answered',
    async () => {
      const { workflows } = await client.experiments.get.query({ id });
      if (workflows[0]!.rows.answered < ROWS / 6) return null;
      const { rows } = await client.rows.list.query({ experiment_id: id, limit: 200 });
      return rows.filter(({ cells }) => cells[0]!.prediction !== null).map(({ input }) => hashOf(input));
    },
    120,
  );
}

/** The experiment when it is over: within a minute after everything it needs is there. */
export async function untilOver(client: TouchstoneClient, id: string): Promise<Experiment> {
  await until(
    'all services are back',
    async () => {
      const { services } = await client.status.get.query();
      return services.database.state === 'ok' && services.ray.state === 'ok' && services.storage.state === 'ok'
        ? true
        : null;
    },
    150,
  );
  const look = async () => {
    const experiment = await client.experiments.get.query({ id });
    return isOver(experiment) ? experiment : null;
  };
  return until('the experiment is over', look, CONVERGES_S);
}

/** Every row exactly once, in the counts, in the pages and in the export. */
export async function expectConserved(client: TouchstoneClient, { id, workflows }: Experiment): Promise<void> {
  const { total, answered, failed, not_run, pending } = workflows[0]!.rows;
  expect(answered + failed + not_run + pending, 'the sum of the counts').toBe(total);
  expect([total, pending]).toEqual([ROWS, 0]);
  const pages = [0, 200].map((offset) => client.rows.list.query({ experiment_id: id, offset, limit: 200 }));
  const rows = (await Promise.all(pages)).flatMap((page) => page.rows);
  expect(rows.map(({ row_id }) => row_id).toSorted((a, b) => a - b)).toEqual(Array.from({ length: ROWS }, (_, i) => i));
  expect(rows.filter(({ cells }) => cells[0]!.prediction !== null)).toHaveLength(answered);
  expect(rows.filter(({ cells }) => cells[0]!.error !== null)).toHaveLength(failed);
  for (const { input, cells } of rows) {
    if (cells[0]!.prediction !== null) expect(input.startsWith(cells[0]!.prediction)).toBe(true);
  }
}

/** Nothing that was shown was asked for again, and no more than `bound` calls were made twice. Returns how many were. */
export async function expectFewCallsTwice(endpoint: FakeLlm, shown: readonly string[], bound: number): Promise<number> {
  const { prompts, calls } = await endpoint.ledger();
  expect(shown.length).toBeGreaterThan(0);
  expect(
    shown.filter((prompt) => prompts[prompt] !== 1),
    'rows shown as answered, and asked for again',
  ).toEqual([]);
  const again = calls - Object.keys(prompts).length;
  expect(again, 'calls made twice').toBeLessThanOrEqual(bound);
  return again;
}
