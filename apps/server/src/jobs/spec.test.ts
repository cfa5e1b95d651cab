import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { advanceDueJobs } from '../reconciler/reconciler.ts';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';
import { explainUnknownSpec } from './spec.ts';

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
