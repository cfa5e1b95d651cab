import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { advanceDueJobs } from '../reconciler/reconciler.ts';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';
import { type Common, explainUnknownSpec, inferenceSpec } from './spec.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

test('the version of a spec that this server knows, and others', () => {
  expect(explainUnknownSpec({ version: 1 })).toBeNull();
  expect(explainUnknownSpec({ version: 2 })).toMatch(/^This job was made by a newer Touchstone \(spec version 2;/);
  expect(explainUnknownSpec({ version: 0 })).toMatch(/^This job was made by an older Touchstone/);
});

test('a job of a newer Touchstone is not run, and says so', async () => {
  const dataset = await uploadText(server.ctx, makeRows(3));
  const { id, workflows } = await server.caller.experiments.create({
    request_id: randomUUID(),
    name: 'From the future',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization',
    models: ['baseline/copy'],
    metrics: ['rouge'],
  });
  const job_id = workflows[0]!.jobs[0]!.id;
  await server.services.db.$executeRaw`
    UPDATE job SET spec = jsonb_set(spec, '{version}', '2') || '{"unheard_of": true}' WHERE id = ${job_id}::uuid`;
  await advanceDueJobs(server.services, randomUUID());
  const experiment = await server.caller.experiments.get({ id });
  expect(experiment.workflows[0]!.jobs).toMatchObject([
    { status: 'failed', reason: expect.stringContaining('a newer Touchstone') },
  ]);
  expect(experiment.status).toBe('failed');
  await expect(server.caller.jobs.get({ id: job_id })).rejects.toThrow('a newer Touchstone');
});

test.each([
  ['https://api.openai.com/v1', 'openai', { stream_options: { include_usage: true }, top_k: 1 }],
  ['http://127.0.0.1:8000/v1', 'openai', { stream_options: { include_usage: true }, top_k: 1 }],
  ['https://api.mistral.ai/v1', 'openai', { top_k: 1 }],
  ['https://api.anthropic.com/v1', 'anthropic', { top_k: 1 }],
] as const)('a stream of %s is asked for its tokens as the provider has it', (base_url, protocol, extra_body) => {
  const settings = { model: 'm', base_url, protocol, extra_body: { top_k: 1 } };
  const experiment = { prompt: '{{x}}', system_prompt: null, repeats: 1 };
  const spec = (stream?: boolean) => inferenceSpec({} as Common, { ...settings, stream }, experiment).model;
  expect(spec(true)).toMatchObject({ stream: true });
  expect(spec(true)).toHaveProperty('extra_body', extra_body);
  expect(spec()).toHaveProperty('extra_body', { top_k: 1 });
});
