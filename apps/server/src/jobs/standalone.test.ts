/** Jobs that are in no experiment, as far as they go without Ray: run.test.ts runs them. */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { admitJobs } from '@touchstone/db';
import type {
  AnnotationCreate,
  ComparisonCreate,
  Dataset,
  EvaluationCreate,
  EvaluationResult,
  InferenceCreate,
} from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { advanceDueJobs } from '../reconciler/reconciler.ts';
import { sweep } from '../reconciler/sweep.ts';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';
import { sendDueOutboxes } from '../tracking/sender.ts';
import { exportJobRows } from './rows.ts';
import { storeDuePredictions } from './store.ts';

const SOME_ID = randomUUID();

let server: TestServer;
let dataset: Dataset;
beforeAll(async () => {
  server = await openTestServer();
  dataset = await uploadText(server.ctx, `${makeRows(20)}," "\n" ",x\n`);
});
afterAll(() => server.stop());
beforeEach(async () => {
  await server.services.db.tracking_outbox.deleteMany();
  await server.services.db.experiment.deleteMany();
  await server.services.db.job.deleteMany();
});

const inference = (change: Partial<InferenceCreate> = {}): InferenceCreate => ({
  request_id: randomUUID(),
  name: 'Mine',
  dataset_id: dataset.id,
  input_column: 'examples',
  task: 'summarization',
  model: 'baseline/lead-3',
  ...change,
});
const annotation = (change: Partial<AnnotationCreate> = {}): AnnotationCreate => ({
  request_id: randomUUID(),
  dataset_id: dataset.id,
  input_column: 'examples',
  reference_column: 'ground_truth',
  model: 'baseline/lead-3',
  ...change,
});
const evaluation = (change: Partial<EvaluationCreate> = {}): EvaluationCreate => ({
  request_id: randomUUID(),
  name: 'Scores',
  dataset_id: dataset.id,
  prediction_column: 'examples',
  reference_column: 'ground_truth',
  metrics: ['rouge', 'length'],
  ...change,
});

describe('creating a job alone', () => {
  test('an inference draws its rows and waits', async () => {
    const job = await server.caller.jobs.create_inference(inference({ rows: 5, seed: 7, time_limit_s: 60 }));
    expect(job).toMatchObject({
      kind: 'inference',
      status: 'created',
      name: 'Mine',
      experiment: null,
      workflow: null,
      dataset: { id: dataset.id, version: 1 },
      sample: { rows: 5, available: 20, blank_input: 2 },
      time_limit_s: 60,
      resumable: { not_run: false, failed: false },
    });
    const experiment = await server.caller.experiments.create({
      request_id: randomUUID(),
      name: 'Same rows',
      dataset_id: dataset.id,
      input_column: 'examples',
      reference_column: null,
      task: 'summarization',
      models: ['baseline/copy'],
      metrics: ['length'],
      rows: 5,
      seed: 7,
    });
    expect(job.sample.sha256).toBe(experiment.sample.sha256);
  });

  test('an evaluation takes the rows that have a reference, with an answer or without', async () => {
    const job = await server.caller.jobs.create_evaluation(evaluation());
    expect(job).toMatchObject({ kind: 'evaluation', sample: { rows: 21, available: 21, blank_reference: 1 } });
    const all = await server.caller.jobs.create_evaluation(evaluation({ reference_column: null, metrics: ['length'] }));
    expect(all.sample).toMatchObject({ rows: 22, blank_reference: 0 });
  });

  test('the same request again returns the first job; with another body it is refused', async () => {
    const input = inference();
    const first = await server.caller.jobs.create_inference(input);
    expect((await server.caller.jobs.create_inference(input)).id).toBe(first.id);
    await expect(server.caller.jobs.create_inference({ ...input, name: 'Other' })).rejects.toThrow(/request id/);
    expect((await server.caller.jobs.list({})).items).toHaveLength(1);
  });

  test.each<[Partial<InferenceCreate>, RegExp]>([
    [{ input_column: 'exmaples' }, /did you mean "examples"/],
    [{ prompt: 'Say {{nothing}}' }, /Prompt: the dataset has no such column/],
    [{ model: { model: 'm', base_url: 'http://127.0.0.1:1/v1', secret: 'none' } }, /no secret "none"/],
    [{ store_to_dataset: { name: 'Answers', output_column: 'Examples' } }, /has a column "Examples" already/],
    [{ dataset_id: randomUUID() }, /no dataset/],
  ])('an inference that cannot run is refused: %j', async (change, message) => {
    await expect(server.caller.jobs.create_inference(inference(change))).rejects.toThrow(message);
  });

  test.each<[Partial<EvaluationCreate>, RegExp]>([
    [{ prediction_column: 'mine' }, /Prediction column: the dataset has no such column/],
    [{ reference_column: null }, /compare the answer with a reference/],
  ])('an evaluation that cannot run is refused: %j', async (change, message) => {
    await expect(server.caller.jobs.create_evaluation(evaluation(change))).rejects.toThrow(message);
  });

  test('an annotation runs the rows without a reference, and needs a blank one', async () => {
    const gaps = await uploadText(server.ctx, 'examples,ground_truth\na,b\nc,\n,\n');
    const job = await server.caller.jobs.create_annotation(annotation({ dataset_id: gaps.id }));
    expect(job).toMatchObject({
      kind: 'annotation',
      name: `References for ${gaps.name}`,
      sample: { rows: 1, available: 1, blank_input: 1 },
      store_to_dataset: { output_column: 'ground_truth', fills_blanks: true },
    });
    const added = await server.caller.jobs.create_annotation(annotation({ reference_column: 'new', rows: 3 }));
    expect(added.sample).toMatchObject({ rows: 3, available: 20 });
    await expect(
      server.caller.jobs.create_annotation(annotation({ task: 'text-generation', model: undefined })),
    ).rejects.toThrow(/writes summaries/);
    await expect(server.caller.jobs.create_annotation(annotation({ model: undefined }))).rejects.toThrow(/--with hf/);
    const whole = await uploadText(server.ctx, 'examples,ground_truth\na,b\n');
    await expect(server.caller.jobs.create_annotation(annotation({ dataset_id: whole.id }))).rejects.toThrow(
      /No row has a blank "ground_truth"/,
    );
  });

  test('what a model wrote fills blank references alone, row by row named, and again on top', async () => {
    const source = await uploadText(server.ctx, 'examples,ground_truth\na,mine\nb,\nc, \nd,');
    const first = await annotate(source.id, "SELECT 1::BIGINT AS row_id, 'two' AS prediction UNION ALL SELECT 3, NULL");
    expect(first).toMatchObject({
      provenance: { kind: 'generated', dataset_id: source.id, filled: { column: 'ground_truth', rows: 1 } },
    });
    const columns = ['examples', 'ground_truth', 'ground_truth_generated_by'];
    expect(first.columns.map(({ name }) => name)).toEqual(columns);
    const again = await annotate(
      first.id,
      "SELECT 0::BIGINT AS row_id, 'theirs' AS prediction UNION ALL SELECT 2, 'three'",
    );
    const { rows } = await server.caller.datasets.preview({ id: again.id, limit: 10 });
    expect(rows.map(({ values }) => values)).toEqual([
      ['a', 'mine', ''],
      ['b', 'two', 'baseline/lead-3'],
      ['c', 'three', 'baseline/lead-3'],
      ['d', '', ''],
    ]);
  });

  /** The dataset that an annotation makes whose model answered so. */
  async function annotate(dataset_id: string, answers: string) {
    const { services } = server;
    const { id } = await server.caller.jobs.create_annotation(annotation({ dataset_id }));
    const key = keys.attemptRows(id, 1);
    const file = join(server.folder, `${id}.parquet`);
    await services.row_store.run(`COPY (${answers}) TO '${file}' (FORMAT parquet)`);
    const { sha256, size } = await services.storage.writeStream(key, createReadStream(file));
    const result = { kind: 'inference', rows_file: { key, sha256, size } };
    await services.db.job.update({
      where: { id },
      data: { status: 'succeeded', attempt: 1, accepted_attempt: 1, result, finished_at: new Date() },
    });
    await storeDuePredictions(services, randomUUID());
    const row = await services.db.standalone_job.findUniqueOrThrow({ where: { job_id: id } });
    expect(row.store_problem).toBeNull();
    return server.caller.datasets.get({ id: row.stored_dataset_id! });
  }

  test('rows are read, filtered, searched and exported before anything ran', async () => {
    const { id } = await server.caller.jobs.create_evaluation(evaluation({ input_column: 'examples' }));
    const page = await server.caller.jobs.rows({ id, limit: 5 });
    expect(page).toMatchObject({ matching: 21, complete: false });
    expect(page.rows[0]).toMatchObject({ position: 0, error: null, metrics: {} });
    expect(page.rows[0]!.prediction).toBe(page.rows[0]!.input);
    const blank = await server.caller.jobs.rows({ id, search: 'x', limit: 200 });
    expect(blank.rows.find(({ reference }) => reference === 'x')).toMatchObject({ prediction: null });
    const csv = await text((await exportJobRows(server.ctx, id, 'csv')).stream);
    expect(csv.split('\n')[0]).toMatch(
      /^row_id,repeat,input,reference,prediction,error,.*,rouge1,rouge2,rougeL,rougeLsum,/,
    );
  });
});

describe('comparing evaluations alone', () => {
  /** As its driver would end it; the scores are not looked at here. */
  async function evaluated(change: Partial<EvaluationCreate> = {}) {
    const { id } = await server.caller.jobs.create_evaluation(evaluation(change));
    const { size, sha256 } = await server.services.storage.write(keys.attemptRows(id, 1), id);
    const result: EvaluationResult = {
      version: 1,
      kind: 'evaluation',
      job_id: id,
      attempt: 1,
      versions: {},
      seconds: 1,
      rows_file: { key: keys.attemptRows(id, 1), size, sha256 },
      metrics: {},
      folded: null,
      judging: null,
    };
    const data = { status: 'succeeded' as const, attempt: 1, accepted_attempt: 1, result, finished_at: new Date() };
    await server.services.db.job.update({ where: { id }, data });
    return { id, scores: { key: keys.attemptRows(id, 1), sha256 } };
  }
  const comparison = (evaluation_ids: string[], change: Partial<ComparisonCreate> = {}): ComparisonCreate => ({
    request_id: randomUUID(),
    name: 'Pairs',
    evaluation_ids,
    ...change,
  });

  test('compares what they have in common, on rows of its own, once for each request', async () => {
    const a = await evaluated({ name: 'A', metrics: ['length_words', 'rougeL', 'rouge1'] });
    const b = await evaluated({ name: 'B', metrics: ['rougeL', 'length_words'], prediction_column: 'ground_truth' });
    const input = comparison([a.id, b.id], { time_limit_s: 60 });
    const job = await server.caller.jobs.create_comparison(input);
    expect((await server.caller.jobs.create_comparison(input)).id).toBe(job.id);
    expect(job).toMatchObject({
      kind: 'comparison',
      status: 'created',
      name: 'Pairs',
      experiment: null,
      dataset: { id: dataset.id },
      sample: { rows: 21 },
      time_limit_s: 60,
      spec: {
        experiment_id: null,
        primary_metric: 'rougeL',
        metrics: [{ name: 'rougeL', direction: 'higher', delta: 0.01, worst: 0 }, { name: 'length_words' }],
        workflows: [
          { workflow_id: a.id, scores: [a.scores], answers: null },
          { workflow_id: b.id, scores: [b.scores], answers: null },
        ],
        sample: { key: keys.jobSample(job.id) },
      },
    });
    expect(job.compared.toSorted((x, y) => x.name.localeCompare(y.name))).toEqual([
      { id: a.id, name: 'A' },
      { id: b.id, name: 'B' },
    ]);
    expect(await server.services.storage.read(keys.jobSample(job.id))).toEqual(
      await server.services.storage.read(keys.jobSample(a.id)),
    );
    await sendDueOutboxes(server.services, randomUUID());
    const { tracking } = server.services;
    const [run] = await tracking.findRuns((await tracking.findExperiment(job.id))!);
    expect(run).toMatchObject({ name: 'comparison', params: { primary_metric: 'rougeL' } });

    await server.caller.jobs.stop({ id: job.id });
    await advanceDueJobs(server.services, randomUUID());
    expect(await server.caller.jobs.get({ id: job.id })).toMatchObject({ status: 'stopped' });
    await sendDueOutboxes(server.services, randomUUID());
    expect(await tracking.findRuns((await tracking.findExperiment(job.id))!)).toMatchObject([{ status: 'KILLED' }]);
    await server.caller.jobs.remove({ id: job.id });
    expect((await server.caller.jobs.list({ kind: 'comparison' })).items).toEqual([]);
  });

  test('an evaluation stays while a comparison needs it; once it is deleted, the request has its result all the same', async () => {
    const a = await evaluated({ name: 'Needed' });
    const b = await evaluated({ name: 'Also needed' });
    const input = comparison([a.id, b.id], { name: 'Under way' });
    const { id } = await server.caller.jobs.create_comparison(input);
    for (const force of [false, true]) {
      await expect(server.caller.jobs.remove({ id: a.id, force })).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringContaining('"Needed" is being compared by "Under way": wait until that is over'),
      });
    }
    await server.caller.jobs.stop({ id });
    await advanceDueJobs(server.services, randomUUID());
    await server.caller.jobs.remove({ id: a.id });
    const again = await server.caller.jobs.create_comparison(input);
    expect(again).toMatchObject({ id, status: 'stopped', compared: [{ id: b.id }] });
    await expect(server.caller.jobs.create_comparison({ ...input, name: 'Another' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(server.caller.jobs.resume({ request_id: randomUUID(), id, what: 'not_run' })).rejects.toThrow(
      'An evaluation of this comparison was deleted',
    );
    await server.caller.jobs.remove({ id });
  });

  test.each<[string, Partial<EvaluationCreate>, Partial<ComparisonCreate>, RegExp]>([
    ['other rows', { rows: 5 }, {}, /"Other" has other rows than "Scores"/],
    ['another seed', { seed: 3 }, {}, /"Other" has other rows/],
    ['no metric in common', { metrics: ['exact_match'] }, {}, /no metric in common/],
    [
      'a main metric that one lacks',
      { metrics: ['rougeL'] },
      { primary_metric: 'rouge1' },
      /in common they have rougeL/,
    ],
    ['the same one twice', {}, { evaluation_ids: [SOME_ID, SOME_ID] }, /each evaluation once/],
    ['one that is not there', {}, { evaluation_ids: [SOME_ID, randomUUID()] }, /no job/],
  ])('%s: refused', async (_, other, change, message) => {
    const ids = [await evaluated(), await evaluated({ name: 'Other', ...other })].map(({ id }) => id);
    await expect(server.caller.jobs.create_comparison(comparison(ids, change))).rejects.toThrow(message);
  });

  test('of another dataset, not over, or no evaluation: refused', async () => {
    const { id } = await evaluated();
    const another = await uploadText(server.ctx, makeRows(21));
    const waiting = await server.caller.jobs.create_evaluation(evaluation({ name: 'Waiting' }));
    const inferred = await server.caller.jobs.create_inference(inference());
    const elsewhere = await evaluated({ name: 'Elsewhere', dataset_id: another.id });
    for (const [other, message] of [
      [elsewhere.id, /"Elsewhere" is of another dataset/],
      [waiting.id, /"Waiting" has not succeeded \(created\)/],
      [inferred.id, /no evaluation made without an experiment/],
    ] as const) {
      await expect(server.caller.jobs.create_comparison(comparison([id, other]))).rejects.toThrow(message);
    }
  });
});

test('waiting jobs take turns with experiments', async () => {
  const experiment = await server.caller.experiments.create({
    request_id: randomUUID(),
    name: 'Many',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: null,
    task: 'summarization',
    models: ['baseline/copy', 'baseline/lead-3', 'baseline/lexrank'],
    metrics: ['length'],
  });
  const alone = await server.caller.jobs.create_inference(inference());
  const other = await server.caller.jobs.create_inference(inference());
  const pending = async () =>
    (await server.caller.jobs.list({ status: 'pending' })).items.map(({ id, experiment }) => experiment?.id ?? id);
  await admitJobs(server.services.db, 3);
  expect((await pending()).toSorted()).toEqual([experiment.id, alone.id, other.id].toSorted());
});

test('jobs that wait for a yes leave their room to others, once', async () => {
  const { db } = server.services;
  await db.job.updateMany({ data: { status: 'stopped', finished_at: new Date() } });
  for (let n = 0; n < 5; n++) await server.caller.jobs.create_inference(inference());
  const progress = { hold_after: 10, rows: { answered: 9, failed: 1 } };
  const counts = [];
  for (let round = 0; round < 3; round++) {
    await admitJobs(db, 2);
    counts.push((await server.caller.jobs.list({ status: 'pending' })).items.length);
    await db.job.updateMany({ where: { status: 'pending' }, data: { status: 'running', progress } });
  }
  expect(counts).toEqual([2, 2, 0]);
  await db.job.updateMany({
    where: { status: 'running' },
    data: { progress: { ...progress, hold_after: null } },
  });
  await admitJobs(db, 2);
  expect((await server.caller.jobs.list({ status: 'pending' })).items).toHaveLength(0);
});

test('a list is filtered by a part of the name, of the job or of its experiment', async () => {
  await server.caller.jobs.create_inference(inference({ name: 'Nightly 100%' }));
  await server.caller.jobs.create_evaluation(evaluation({ name: 'nightly scores' }));
  const names = async (input: Parameters<typeof server.caller.jobs.list>[0]) =>
    (await server.caller.jobs.list(input)).items.map(({ name }) => name);
  expect(await names({ search: 'NIGHTLY' })).toEqual(['nightly scores', 'Nightly 100%']);
  expect(await names({ search: '100%' })).toEqual(['Nightly 100%']);
  expect(await names({ search: 'nightly', kind: 'evaluation' })).toEqual(['nightly scores']);
});

test('a list is of what is in no experiment, or of what is not over', async () => {
  const { db } = server.services;
  await db.job.updateMany({ data: { status: 'stopped', finished_at: new Date() } });
  const alone = await server.caller.jobs.create_inference(inference({ name: 'Alone' }));
  const { workflows } = await server.caller.experiments.create({
    request_id: randomUUID(),
    name: 'Lists',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: null,
    task: 'summarization',
    models: ['baseline/copy'],
    metrics: ['length'],
  });
  const ids = async (input: Parameters<typeof server.caller.jobs.list>[0]) =>
    (await server.caller.jobs.list(input)).items.map(({ id }) => id);
  const inExperiment = workflows[0]!.jobs[0]!.id;
  expect(await ids({ is_over: false })).toEqual([inExperiment, alone.id]);
  expect(await ids({ is_over: false, in_experiment: false })).toEqual([alone.id]);
  expect(await ids({ is_over: false, in_experiment: true })).toEqual([inExperiment]);
  const over = await ids({ is_over: true });
  expect(over).not.toContain(alone.id);
  expect(over.length).toBe((await db.job.count()) - 2);
  await db.job.updateMany({ data: { status: 'stopped', finished_at: new Date() } });
});

describe('a job that is over', () => {
  /** As if a person had stopped it before it began. */
  async function stopped() {
    const { id } = await server.caller.jobs.create_inference(inference({ time_limit_s: 60 }));
    await expect(server.caller.jobs.resume({ request_id: randomUUID(), id, what: 'not_run' })).rejects.toThrow(
      /still runs/,
    );
    await expect(server.caller.jobs.remove({ id })).rejects.toThrow(/still runs/);
    await server.caller.jobs.stop({ id });
    await advanceDueJobs(server.services, randomUUID());
    return server.caller.jobs.get({ id });
  }

  test('is resumed, with another time limit, once for each request', async () => {
    const job = await stopped();
    expect(job).toMatchObject({ status: 'stopped', resumable: { not_run: true, failed: false } });
    const input = { request_id: randomUUID(), id: job.id, what: 'not_run' as const, time_limit_s: 90 };
    expect(await server.caller.jobs.resume(input)).toMatchObject({
      status: 'created',
      stop_requested: false,
      time_limit_s: 90,
    });
    expect(await server.caller.jobs.resume(input)).toMatchObject({ id: job.id });
  });

  test('is deleted with its files and its record; until then its dataset stays', async () => {
    const job = await stopped();
    const { services } = server;
    await expect(server.caller.datasets.remove({ id: dataset.id })).rejects.toThrow(
      'is used by "Mine": delete that job first',
    );
    await sendDueOutboxes(services, randomUUID());
    const [run] = await services.tracking.findRuns((await services.tracking.findExperiment(job.id))!);
    expect(run).toMatchObject({ name: 'inference', parent_run_id: null, params: { model: 'baseline/lead-3' } });

    await server.caller.jobs.remove({ id: job.id });
    await expect(server.caller.jobs.get({ id: job.id })).rejects.toThrow(/no job/);
    expect((await server.caller.jobs.list({})).items).toEqual([]);
    await sweep(services);
    const left = [];
    for await (const { key } of services.storage.list(keys.jobPrefix(job.id))) left.push(key);
    expect(left).toEqual([]);
    await services.db.standalone_job.updateMany({ data: { purged_at: new Date(0) } });
    await services.db.tracking_outbox.updateMany({ data: { due_at: new Date(0) } });
    await sendDueOutboxes(services, randomUUID());
    await sweep(services);
    expect(await services.db.job.count()).toBe(0);
    expect(await services.tracking.findExperiment(job.id)).toBeNull();
  });
});

test('what belongs to an experiment is resumed and deleted with it', async () => {
  const experiment = await server.caller.experiments.create({
    request_id: randomUUID(),
    name: 'Whole',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: null,
    task: 'summarization',
    models: ['baseline/copy'],
    metrics: ['length'],
  });
  const { id } = experiment.workflows[0]!.jobs[0]!;
  await expect(server.caller.jobs.remove({ id, force: true })).rejects.toThrow('belongs to the experiment "Whole"');
  await expect(server.caller.jobs.resume({ request_id: randomUUID(), id, what: 'failed' })).rejects.toThrow(
    'belongs to the experiment "Whole"',
  );
});
