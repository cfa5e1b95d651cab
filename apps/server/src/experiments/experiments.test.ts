import { createHash, randomUUID } from 'node:crypto';
import type { Dataset, ExperimentCreate } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { advanceDueJobs } from '../reconciler/reconciler.ts';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';

let server: TestServer;
let dataset: Dataset;
beforeAll(async () => {
  server = await openTestServer();
  dataset = await uploadText(server.ctx, `${makeRows(20)}," "\n" ",x\n`);
});
afterAll(() => server.stop());

const request = (change: Partial<ExperimentCreate> = {}): ExperimentCreate => ({
  request_id: randomUUID(),
  name: 'Try',
  dataset_id: dataset.id,
  input_column: 'examples',
  reference_column: 'ground_truth',
  task: 'summarization',
  models: ['baseline/lead-3', 'baseline/copy'],
  metrics: ['rouge', 'bleu'],
  ...change,
});

async function sampledRows(experimentId: string): Promise<number[]> {
  const { row_store } = server.services;
  const rows = await row_store.query<{ row_id: bigint }>(
    `SELECT row_id FROM read_parquet(${await row_store.localFile(keys.experimentSample(experimentId), '')})`,
  );
  return rows.map(({ row_id }) => Number(row_id));
}

describe('creating an experiment', () => {
  test('makes workflows, jobs and the sample, and waits', async () => {
    const experiment = await server.caller.experiments.create(request());
    expect(experiment).toMatchObject({
      status: 'created',
      primary_metric: 'rougeL',
      sample: { rows: 20, available: 20, blank_input: 2, blank_reference: 0 },
    });
    expect(
      experiment.workflows.map(({ name, status, rows, jobs }) => [name, status, rows.pending, jobs[0]!.kind]),
    ).toEqual([
      ['lead-3', 'created', 20, 'inference'],
      ['copy', 'created', 20, 'inference'],
    ]);
  });

  test('the sample is the rows in the order of SHA-256 of seed:row_id, and a larger one extends it', async () => {
    const order = Array.from({ length: 20 }, (_, i) => i).sort((a, b) => {
      const hash = (row: number) => createHash('sha256').update(`7:${row}`).digest('hex');
      return hash(a) < hash(b) ? -1 : 1;
    });
    const small = await server.caller.experiments.create(request({ rows: 5, seed: 7 }));
    const large = await server.caller.experiments.create(request({ rows: 12, seed: 7 }));
    expect(await sampledRows(small.id)).toEqual(order.slice(0, 5));
    expect(await sampledRows(large.id)).toEqual(order.slice(0, 12));
  });

  test('the same request twice makes one, at once too; another body under the same id is refused', async () => {
    const input = request();
    const [a, b] = await Promise.all([
      server.caller.experiments.create(input),
      server.caller.experiments.create(input),
    ]);
    const c = await server.caller.experiments.create(input);
    expect(new Set([a.id, b.id, c.id]).size).toBe(1);
    await expect(server.caller.experiments.create({ ...input, name: 'Other' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    const stored = await Array.fromAsync(server.services.storage.list('experiments/'));
    expect(stored).toHaveLength(await server.services.db.experiment.count());
  });

  test.each<[string, () => Partial<ExperimentCreate>, RegExp]>([
    ['an unknown column', () => ({ input_column: 'exmples' }), /did you mean "examples"/],
    ['a prompt that names none', () => ({ prompt: '{{ground_thruth}}' }), /did you mean "ground_truth"/],
    ['metrics that need a reference', () => ({ reference_column: null }), /choose a reference column/],
    [
      'a secret that is not there',
      () => ({ models: [{ model: 'm', base_url: 'http://127.0.0.1:9/v1', secret: 'nope' }] }),
      /secrets set nope/,
    ],
    [
      'a name twice',
      () => ({
        models: [
          { model: 'baseline/copy', name: 'a' },
          { model: 'baseline/copy', name: 'a' },
        ],
      }),
      /named "a"/,
    ],
    ['an unknown baseline', () => ({ models: ['baseline/led-3'] }), /did you mean .*baseline\/lead-3/],
    ['an unknown dataset', () => ({ dataset_id: randomUUID() }), /There is no dataset/],
  ])('%s is refused with what to do, and leaves nothing', async (_, change, message) => {
    const before = await server.services.db.experiment.count();
    await expect(server.caller.experiments.create(request(change()))).rejects.toThrow(message);
    expect(await server.services.db.experiment.count()).toBe(before);
  });

  test('rows without an input, or a reference where one is needed, are left out and counted', async () => {
    const blanks = await uploadText(server.ctx, 'q,a\n1,\n2,x\n,y\n4,\u00a0\n');
    const base = { dataset_id: blanks.id, input_column: 'q', reference_column: 'a' };
    const scored = await server.caller.experiments.create(request({ ...base, metrics: ['rouge'] }));
    expect(scored.sample).toMatchObject({ rows: 1, available: 1, blank_input: 1, blank_reference: 2 });
    const measured = await server.caller.experiments.create(request({ ...base, metrics: ['length'] }));
    expect(measured.sample).toMatchObject({ rows: 3, available: 3, blank_input: 1, blank_reference: 0 });
  });
});

describe('without Ray', () => {
  test('jobs wait and say so; stop ends them; resume brings them back', async () => {
    const { id } = await server.caller.experiments.create(request());
    const owner = randomUUID();
    await server.services.db.job.updateMany({ where: { experiment_id: { not: id } }, data: { status: 'stopped' } });
    await advanceDueJobs(server.services, owner);
    expect((await server.caller.experiments.get({ id })).workflows[0]).toMatchObject({
      status: 'running',
      reason: expect.stringMatching(/^Waiting for Ray/),
    });
    await expect(server.caller.experiments.remove({ id })).rejects.toMatchObject({ code: 'CONFLICT' });

    await server.caller.experiments.stop({ id });
    await advanceDueJobs(server.services, owner);
    const stopped = await server.caller.experiments.get({ id });
    expect(stopped.status).toBe('stopped');
    expect(stopped.workflows[0]!.rows).toEqual({ total: 20, answered: 0, failed: 0, not_run: 20, pending: 0 });

    const resume = { request_id: randomUUID(), id, what: 'not_run' as const };
    expect((await server.caller.experiments.resume(resume)).status).toBe('created');
    expect((await server.caller.experiments.resume(resume)).status).toBe('created');
    await server.caller.experiments.remove({ id, force: true });
    await expect(server.caller.experiments.get({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
