/** Budgets on a real Ray head, with the endpoint's ledger as witness. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startFakeLlm } from '@touchstone/fake-llm';
import type { Budget, Experiment, ModelRef } from '@touchstone/schemas';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startReconciler } from '../reconciler/reconciler.ts';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { openTestServerWithRay, type RayTestServer } from '../testing/ray.ts';

const ROWS = 30;

let server: RayTestServer;
let endpoint: Awaited<ReturnType<typeof startFakeLlm>>;
let reconciler: ReturnType<typeof startReconciler>;
beforeAll(async () => {
  server = await openTestServerWithRay();
  endpoint = await startFakeLlm();
  reconciler = startReconciler(server.services);
});
afterAll(async () => {
  await reconciler.stop();
  await endpoint.stop();
  await server.stop();
});

/** A model with a price, of which a call is never more than a cent. */
const priced = (name: string): ModelRef => ({
  name,
  model: 'm',
  base_url: endpoint.base_url,
  concurrency: 4,
  params: { max_tokens: 500 },
  price: { input: 1, output: 1 },
});

async function create(budget: Budget, models: ModelRef[]): Promise<Experiment> {
  const dataset = await uploadText(server.ctx, makeRows(ROWS));
  return server.caller.experiments.create({
    request_id: randomUUID(),
    name: 'Budget',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: null,
    task: 'summarization',
    models,
    metrics: ['length'],
    budget,
  });
}

async function until(id: string, isThere: (experiment: Experiment) => boolean): Promise<Experiment> {
  const end = Date.now() + 120_000;
  while (true) {
    const experiment = await server.caller.experiments.get({ id });
    if (isThere(experiment)) return experiment;
    if (Date.now() > end) throw new Error(`not in time: ${JSON.stringify(experiment)}`);
    await sleep(200);
  }
}
const isOver = ({ status }: Experiment) => status !== 'created' && status !== 'running';
const calls = async () => (await endpoint.ledger()).calls;

describe('what cannot be kept is refused, saying why', () => {
  test.each<[string, Budget, object, RegExp]>([
    ['money without a price', { cost: 1 }, { price: undefined }, /budget\.cost is a limit in money.*price/],
    ['a question about money without one', { confirm_above: 1 }, { price: undefined }, /confirm_above.*price/],
    ['money without an end to answers', { cost: 1 }, { params: {} }, /set params\.max_tokens/],
    ['tokens without an end to answers', { tokens: 1000 }, { params: {}, price: undefined }, /set params\.max_tokens/],
  ])('%s', async (_, budget, change, message) => {
    const model = { ...(priced('m') as object), ...change } as ModelRef;
    await expect(create(budget, [model])).rejects.toThrow(message);
  });
});

test('a limit holds over all models, ends them on their first rows, and can be raised', {
  timeout: 200_000,
}, async () => {
  const before = await calls();
  const { id } = await create({ calls: 25 }, [priced('a'), priced('b'), 'baseline/copy']);
  const ended = await until(id, isOver);
  expect((await calls()) - before).toBe(25);
  expect(ended).toMatchObject({ status: 'partial', spent: { calls: 25 }, budget: { calls: 25 } });
  const [a, b, copy] = ended.workflows;
  expect(a!.rows.answered + b!.rows.answered).toBe(25);
  expect([a!.status, b!.status, copy!.status]).toEqual(['partial', 'partial', 'succeeded']);
  expect(a!.reason).toMatch(/budget is used up: raise it/);
  const { rows } = await server.caller.rows.list({ experiment_id: id, limit: 200 });
  for (const [place, workflow] of [a!, b!].entries()) {
    const answered = rows.map(({ cells }) => cells[place]!.prediction !== null);
    expect(answered).toEqual(rows.map((_, i) => i < workflow.rows.answered));
  }

  await expect(server.caller.experiments.update({ id, budget: { cost: 1 } })).resolves.toMatchObject({
    budget: { cost: 1 },
  });
  await server.caller.experiments.resume({ id, request_id: randomUUID(), what: 'not_run' });
  const whole = await until(id, isOver);
  expect(whole.status).toBe('succeeded');
  expect((await calls()) - before).toBe(2 * ROWS);
  expect(whole.spent!.cost).toBeCloseTo(
    whole.workflows.reduce((sum, { cost }) => sum + (cost ?? 0), 0),
    9,
  );
});

test('the first rows show what the whole costs, and the rest waits for a yes', { timeout: 200_000 }, async () => {
  const before = await calls();
  const { id } = await create({ confirm_above: 0 }, [priced('a')]);
  const asks = await until(id, ({ confirmation }) => confirmation !== null);
  expect(asks.status).toBe('running');
  expect(asks.workflows[0]).toMatchObject({ rows: { answered: 10 } });
  expect(asks.confirmation!.confirm_above).toBe(0);
  expect(asks.confirmation!.cost).toBeCloseTo((asks.workflows[0]!.cost! / 10) * ROWS, 9);
  await expect(server.caller.experiments.update({ id, budget: { calls: 5 } })).rejects.toThrow(/can only be raised/);

  // Another server takes over: it asks the same.
  await reconciler.stop();
  reconciler = startReconciler(server.services);
  await sleep(1500);
  expect((await calls()) - before).toBe(10);
  expect((await server.caller.experiments.get({ id })).confirmation).toEqual(asks.confirmation);

  await server.caller.experiments.confirm({ id });
  const over = await until(id, isOver);
  expect(over).toMatchObject({ status: 'succeeded', confirmation: null });
  expect((await calls()) - before).toBe(ROWS);
});

test('where the whole costs little nobody is asked', { timeout: 200_000 }, async () => {
  const { id } = await create({ confirm_above: 10 }, [priced('a')]);
  expect(await until(id, isOver)).toMatchObject({ status: 'succeeded', confirmation: null });
});
