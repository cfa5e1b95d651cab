import { createHash, randomUUID } from 'node:crypto';
import type { Dataset, ExperimentCreate, InferenceSpec } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { advanceDueJobs } from '../reconciler/reconciler.ts';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';
import { settleExperiment } from './settle.ts';

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

/** What an inference and its evaluation find, as far as lists and pages read it. */
async function finish(id: string, workflow: string, rougeL: number): Promise<void> {
  const { db } = server.services;
  const experiment = await db.experiment.findUniqueOrThrow({ where: { id }, include: { workflows: true } });
  const { id: workflow_id } = experiment.workflows.find(({ name }) => name === workflow)!;
  const rows = { total: 20, answered: 17, failed: 3, not_run: 0, pending: 0 };
  const outcome = { rows, errors: {}, latency_ms: null, tokens: null, cost: null, extra_answers: 0 };
  const rows_file = { key: 'rows.parquet', size: 0, sha256: '0'.repeat(64) };
  const base = { version: 1, job_id: randomUUID(), attempt: 1, rows_file, versions: {}, seconds: 1 };
  const over = { status: 'succeeded' as const, started_at: new Date(), finished_at: new Date() };
  const spec = (await db.job.findFirstOrThrow({ where: { workflow_id } })).spec as object;
  await db.job.updateMany({
    where: { workflow_id },
    data: { ...over, result: { ...base, kind: 'inference', ended: 'complete', reason: null, outcome } },
  });
  const metrics = {
    rougeL: {
      value: rougeL,
      standard_error: null,
      signature: 'rougeL',
      interval: null,
      scored: 17,
      total: 20,
      no_reference: 0,
      metric_error: 0,
      not_answered: 3,
    },
  };
  const evaluation = { ...base, kind: 'evaluation', metrics, folded: null };
  const place = { experiment_id: id, workflow_id };
  await db.job.create({ data: { id: randomUUID(), ...place, kind: 'evaluation', spec, ...over, result: evaluation } });
  await db.$transaction((tx) => settleExperiment(tx, id));
  // With scores of two models there is a comparison to make, which is over here.
  await db.job.updateMany({ where: { experiment_id: id, kind: 'comparison' }, data: over });
  await db.$transaction((tx) => settleExperiment(tx, id));
}

describe('the list', () => {
  test('shows rows, state and the best of each experiment', async () => {
    const { id } = await server.caller.experiments.create(request({ name: 'Shown in the list' }));
    await finish(id, 'lead-3', 0.3);
    await finish(id, 'copy', 0.2);
    const { items } = await server.caller.experiments.list({ search: 'shown list' });
    expect(items).toMatchObject([
      {
        id,
        status: 'partial',
        rows: { total: 40, answered: 34, failed: 6, not_run: 0, pending: 0 },
        best: { workflow: 'lead-3', value: 0.3 },
        workflows: [{ name: 'lead-3' }, { name: 'copy' }],
        dataset: { id: dataset.id, name: dataset.name },
      },
    ]);
  });

  test('is searched by every word in names, description, dataset and models, in any case, as they are now', async () => {
    const named = await uploadText(server.ctx, 'examples,ground_truth\na,b\n', 'Prüfungen 100%_a.csv');
    const models = [{ model: 'org/Llama-X', base_url: 'http://127.0.0.1:9/v1', name: 'Große Lama' }];
    const input = request({ name: 'Zebra crossing', description: 'About stripes', dataset_id: named.id, models });
    const { id } = await server.caller.experiments.create(input);
    const find = async (search: string) =>
      (await server.caller.experiments.list({ search })).items.map((item) => item.id).includes(id);
    for (const text of [
      'zebra',
      'STRIPES cross',
      'prüfungen',
      '100%_a',
      'llama-x',
      'große',
      ' zebra  org/ ',
      'ze st 1',
      'a z',
    ]) {
      expect(await find(text), text).toBe(true);
    }
    for (const text of ['zebra crossing not', '100_%', 'zebr%cross', 'eb']) expect(await find(text), text).toBe(false);
    await server.caller.experiments.update({ id, name: 'Quagga', description: '' });
    await server.caller.datasets.update({ id: named.id, name: 'Okapi' });
    await server.caller.experiments.add_workflows({
      request_id: randomUUID(),
      id,
      models: ['baseline/lexrank'],
    });
    for (const text of ['quagga', 'okapi', 'lexrank']) expect(await find(text), text).toBe(true);
    for (const text of ['zebra', 'stripes', 'prüfungen']) expect(await find(text), text).toBe(false);
  });

  test('is filtered by state, task and dataset of any version, and counted by state', async () => {
    const own = await uploadText(server.ctx, 'examples,ground_truth\na,b\n');
    const of = (change: Partial<ExperimentCreate> = {}) =>
      server.caller.experiments.create(request({ dataset_id: own.id, ...change }));
    const translation = await of({ task: { translation: { source: 'en', target: 'de' } } });
    const [done, waiting] = [await of({ models: ['baseline/copy'] }), await of()];
    await finish(done.id, 'copy', 1);
    const list = async (filter: Parameters<typeof server.caller.experiments.list>[0]) =>
      (await server.caller.experiments.list({ dataset_id: own.id, ...filter })).items.map(({ id }) => id);
    expect(await list({})).toEqual([waiting.id, done.id, translation.id]);
    expect(await list({ status: 'partial' })).toEqual([done.id]);
    expect(await list({ task: 'translation' })).toEqual([translation.id]);
    expect(await list({ task: 'summarization', status: 'created' })).toEqual([waiting.id]);
    expect(await list({ dataset_id: randomUUID() })).toEqual([]);
    const counts = { created: 2, running: 0, succeeded: 0, partial: 1, failed: 0, stopped: 0 };
    expect(await server.caller.experiments.counts({ dataset_id: own.id })).toEqual(counts);
    expect((await server.caller.experiments.counts({ dataset_id: own.id, search: 'lead-3' })).partial).toBe(0);
  });

  test('is read page by page without a gap or a double while experiments come and go', async () => {
    const own = await uploadText(server.ctx, 'examples,ground_truth\na,b\n');
    const make = () => server.caller.experiments.create(request({ dataset_id: own.id }));
    const made: string[] = [];
    for (let n = 0; n < 5; n++) made.unshift((await make()).id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof server.caller.experiments.list>> = await server.caller.experiments.list({
        dataset_id: own.id,
        limit: 2,
        cursor,
      });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
      await make();
      await server.caller.experiments.remove({ id: page.items.at(-1)!.id, force: true });
    } while (cursor !== null);
    expect(seen).toEqual(made);
  });
});

describe('a name', () => {
  test('may be had twice; a free one is suggested', async () => {
    const suggest = () => server.caller.experiments.suggest_name({ name: 'Twice' });
    expect(await suggest()).toEqual({ name: 'Twice', in_use: false });
    for (const name of ['Twice', 'Twice 2']) await server.caller.experiments.create(request({ name }));
    expect(await suggest()).toEqual({ name: 'Twice 3', in_use: true });
    const { id } = await server.caller.experiments.create(request({ name: 'Twice' }));
    expect(await server.caller.experiments.update({ id, description: ' why ' })).toMatchObject({
      name: 'Twice',
      description: 'why',
    });
    await expect(server.caller.experiments.update({ id, name: ' ' })).rejects.toThrow('Give it a name.');
  });
});

describe('adding models', () => {
  const add = (id: string, models: ExperimentCreate['models'], request_id = randomUUID()) =>
    server.caller.experiments.add_workflows({ request_id, id, models });

  test('runs only them, over the same rows with the same prompt, and what was over settles again', async () => {
    const own = request({ models: ['baseline/copy'], prompt: 'Say it: {{examples}}', rows: 7, seed: 3 });
    const { id } = await server.caller.experiments.create(own);
    await finish(id, 'copy', 1);
    const request_id = randomUUID();
    const endpoint = { model: 'org/m', base_url: 'http://127.0.0.1:9/v1' };
    const added = await add(id, ['baseline/copy', endpoint], request_id);
    expect(await add(id, ['baseline/copy', endpoint], request_id)).toMatchObject({ workflows: { length: 3 } });
    expect(added).toMatchObject({ status: 'running', finished_at: null });
    expect(added.workflows.map(({ name, status, position }) => [name, status, position])).toEqual([
      ['copy', 'partial', 0],
      ['copy 2', 'created', 1],
      ['m', 'created', 2],
    ]);
    const jobs = await Promise.all(added.workflows.map(({ jobs: [job] }) => server.caller.jobs.get({ id: job!.id })));
    const specs = jobs.map(({ spec }) => spec as InferenceSpec);
    for (const { data, sample, prompt } of specs) {
      expect({ data, sample, prompt }).toEqual({
        data: specs[0]!.data,
        sample: specs[0]!.sample,
        prompt: 'Say it: {{examples}}',
      });
    }
    await finish(id, 'copy 2', 1);
    await finish(id, 'm', 1);
    expect(await server.caller.experiments.get({ id })).toMatchObject({ status: 'partial' });
  });

  test('is refused where a name is taken, with one that is free, where there are too many, and after deletion', async () => {
    const { id } = await server.caller.experiments.create(request());
    await expect(add(id, [{ model: 'baseline/copy', name: 'lead-3' }])).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('name this one "lead-3 2"'),
    });
    await expect(
      add(
        id,
        Array.from({ length: 49 }, () => 'baseline/copy'),
      ),
    ).rejects.toThrow('add at most 48');
    await expect(add(id, [{ model: 'm', base_url: 'http://127.0.0.1:9/v1', prompt: '{{exampels}}' }])).rejects.toThrow(
      'did you mean "examples"',
    );
    await server.caller.experiments.remove({ id, force: true });
    await expect(add(id, ['baseline/lexrank'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('the time between the end of a run and the next is not counted', async () => {
  const { id } = await server.caller.experiments.create(request({ models: ['baseline/copy'] }));
  await finish(id, 'copy', 1);
  const { db } = server.services;
  const hour = 3_600_000;
  const began = new Date(Date.now() - 2 * hour);
  const over = { finished_at: new Date(began.getTime() + 60_000) };
  await db.experiment.update({ where: { id }, data: { run_started_at: began, ...over } });
  await db.workflow.updateMany({ where: { experiment_id: id }, data: { run_started_at: began, ...over } });
  await db.job.updateMany({ where: { experiment_id: id }, data: { started_at: began, ...over } });
  const resumed = await server.caller.experiments.resume({ request_id: randomUUID(), id, what: 'failed' });
  const [workflow] = resumed.workflows;
  for (const seconds of [resumed.seconds, workflow!.seconds.total, workflow!.jobs[0]!.seconds!]) {
    expect(seconds).toBeGreaterThanOrEqual(60);
    expect(seconds).toBeLessThan(120);
  }
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
