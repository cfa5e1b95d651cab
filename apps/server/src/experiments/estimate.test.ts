import { randomUUID } from 'node:crypto';
import type { Dataset, ExperimentPlan } from '@touchstone/schemas';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uploadText } from '../testing/datasets.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';

let server: TestServer;
let dataset: Dataset;
beforeAll(async () => {
  server = await openTestServer();
  const rows = Array.from({ length: 300 }, (_, i) => `${i % 2 === 0 ? 'abcdefgh' : '模型很好。！'},${'x'.repeat(20)}`);
  dataset = await uploadText(server.ctx, `text,summary\n${rows.join('\n')}\n,no input\n`);
});
afterAll(() => server.stop());

const model = { model: 'estimated', base_url: 'http://127.0.0.1:9/v1', price: { input: 1, output: 2 } };
const plan = (change: Partial<ExperimentPlan> = {}): ExperimentPlan => ({
  name: 'Later',
  dataset_id: dataset.id,
  input_column: 'text',
  reference_column: 'summary',
  task: 'text-generation',
  models: ['baseline/copy', model],
  metrics: ['rouge'],
  repeats: 2,
  ...change,
});

test('counts the texts that would be asked about, by script and repeat, and makes nothing', async () => {
  const found = await server.caller.experiments.estimate(plan());
  expect(found).toMatchObject({
    rows: 300,
    models: [
      { name: 'copy', calls: 0, cost: 0 },
      { name: 'estimated', calls: 600, seconds: null },
    ],
    total: { calls: 600, seconds: null },
  });
  const { tokens, cost } = found.models[1]!;
  // Half of the rows have 2 tokens, half have 5; which 200 are measured is the sample's order.
  expect(tokens.prompt / 600).toBeGreaterThan(3.2 + 7);
  expect(tokens.prompt / 600).toBeLessThan(3.8 + 7);
  expect(tokens.completion).toBe(600 * 5);
  expect(cost).toBeCloseTo((tokens.prompt + 2 * tokens.completion) / 1e6);
  expect(found.assumptions[0]).toContain('in 200 of the rows');
  expect(await server.services.db.experiment.count()).toBe(0);
  expect(await Array.fromAsync(server.services.storage.list('experiments/'))).toEqual([]);
});

test('takes the answers and the latency of earlier runs of the same model at the same address', async () => {
  const { db } = server.services;
  const created = await server.caller.experiments.create({ ...plan(), request_id: randomUUID() });
  const { id } = created.workflows.find(({ name }) => name === 'estimated')!;
  const rows = { total: 600, answered: 500, failed: 0, not_run: 100, pending: 0 };
  const outcome = {
    rows,
    errors: {},
    latency_ms: { p50: 400, p95: 900 },
    tokens: { prompt: 1, completion: 500 * 42, reasoning: 0 },
    cost: null,
    extra_answers: 0,
  };
  const rows_file = { key: 'rows.parquet', size: 0, sha256: '0'.repeat(64) };
  const result = {
    ...{ version: 1, kind: 'inference', job_id: randomUUID(), attempt: 1, rows_file, versions: {}, seconds: 1 },
    ...{ ended: 'budget', reason: null, outcome },
  };
  await db.job.updateMany({ where: { workflow_id: id }, data: { status: 'succeeded', result } });
  const ofRun = (await server.caller.experiments.estimate(plan())).models[1]!;
  expect(ofRun.tokens.completion).toBe(600 * 42);
  expect(ofRun.seconds).toBeCloseTo((600 * 0.4) / 4);
  const elsewhere = { ...model, base_url: 'http://127.0.0.1:10/v1' };
  expect((await server.caller.experiments.estimate(plan({ models: [elsewhere] }))).models[0]).toMatchObject({
    tokens: { completion: 600 * 5 },
    seconds: null,
  });
});

test('refuses what could not be created, in the same words', async () => {
  await expect(server.caller.experiments.estimate(plan({ input_column: 'txt' }))).rejects.toThrow(
    'did you mean "text"',
  );
  await expect(server.caller.experiments.estimate(plan({ budget: { tokens: 5 } }))).rejects.toThrow('max_tokens');
});
