import { randomUUID } from 'node:crypto';
import { type Db, findExperiment } from '@touchstone/db';
import type { EvaluationSpec, ExperimentCreate, MetricRef } from '@touchstone/schemas';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { finishExperiment, finishScoring, type MadeAnswers } from '../testing/finished.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';
import { settleExperiment } from './settle.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

const ROWS = 6;

/** All of it is over, and was compared. */
async function createFinished(asked: Partial<ExperimentCreate> = {}, made: Partial<MadeAnswers> = {}) {
  const dataset = await uploadText(server.ctx, makeRows(ROWS));
  const { id } = await server.caller.experiments.create({
    request_id: randomUUID(),
    name: 'Scored again',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization',
    models: ['baseline/copy', 'baseline/lead-3'],
    metrics: ['rougeL'],
    ...asked,
  });
  await finishExperiment(server.services, id, { prediction: "'a'", score: '0.1 * place', ...made });
  await settle(id);
  await endComparison(id);
  return id;
}

const settle = (id: string) => server.services.db.$transaction((tx: Db) => settleExperiment(tx, id));

async function endComparison(id: string): Promise<void> {
  const [job] = (await findExperiment(server.services.db, id))!.jobs;
  const over = { status: 'failed' as const, finished_at: new Date() };
  if (job) await server.services.db.job.update({ where: { id: job.id }, data: over });
  await settle(id);
}

const add = (id: string, metrics: string[], request_id = randomUUID()) =>
  server.caller.experiments.add_metrics({ request_id, id, metrics: metrics as MetricRef[] });
const names = ({ metrics }: { metrics: readonly { name: string }[] }) => metrics.map(({ name }) => name);
const evaluations = async (id: string) => {
  const jobs = await server.services.db.job.findMany({
    where: { experiment_id: id, kind: 'evaluation', superseded_at: null, status: 'created' },
    orderBy: { created_at: 'asc' },
  });
  return jobs.map((job) => job.spec as unknown as EvaluationSpec);
};

test('each model gets one evaluation by the new metrics alone, of its accepted answers, and the experiment runs again', async () => {
  const id = await createFinished();
  const before = (await findExperiment(server.services.db, id))!;
  const after = await add(id, ['length', 'exact_match']);
  expect(after).toMatchObject({
    status: 'running',
    finished_at: null,
    primary_metric: 'rougeL',
    workflows: [
      { status: 'running', stage: 'evaluation' },
      { status: 'running', stage: 'evaluation' },
    ],
  });
  expect(names(after)).toEqual(['rougeL', 'exact_match', 'length_words', 'length_chars']);
  // Nothing is asked of a model again.
  expect(await server.services.db.job.count({ where: { experiment_id: id, kind: 'inference' } })).toBe(2);
  const specs = await evaluations(id);
  expect(specs.map((spec) => spec.workflow_id)).toEqual(before.workflows.map((workflow) => workflow.id));
  for (const [i, spec] of specs.entries()) {
    const [inference] = before.workflows[i]!.jobs;
    expect(names(spec)).toEqual(['exact_match', 'length_words', 'length_chars']);
    expect(spec.inference).toEqual({
      job_id: inference!.id,
      rows: { key: `jobs/${inference!.id}/attempts/1/rows.parquet`, sha256: expect.any(String) },
    });
  }
});

test('both scores are shown, compared and exported when the new ones are there', async () => {
  const id = await createFinished();
  await add(id, ['length_words']);
  await finishScoring(server.services, id, { score: '7.0 + place' });
  await settle(id);
  const [job] = (await findExperiment(server.services.db, id))!.jobs;
  expect(job!.spec.metrics.map(({ name }) => name)).toEqual(['rougeL', 'length_words']);
  expect(job!.spec.workflows.map(({ scores }) => scores.length)).toEqual([2, 2]);
  await endComparison(id);
  const experiment = await server.caller.experiments.get({ id });
  expect(experiment.workflows.map(({ metrics }) => Object.keys(metrics))).toEqual([
    ['rougeL', 'length_words'],
    ['rougeL', 'length_words'],
  ]);
  const { rows } = await server.caller.rows.list({ experiment_id: id, limit: 1 });
  expect(rows[0]!.cells.map(({ metrics }) => metrics)).toEqual([
    { rougeL: 0, length_words: 7 },
    { rougeL: 0.1, length_words: 8 },
  ]);
});

describe('asked twice', () => {
  test('by one request: done once', async () => {
    const id = await createFinished();
    const request_id = randomUUID();
    const answers = await Promise.all([1, 2, 3].map(() => add(id, ['exact_match'], request_id)));
    for (const answer of answers) expect(names(answer)).toEqual(['rougeL', 'exact_match']);
    expect(await evaluations(id)).toHaveLength(2);
    await expect(add(id, ['bleu'], request_id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('by several at once: one is done, the others are refused', async () => {
    const id = await createFinished();
    const answers = await Promise.allSettled([add(id, ['exact_match']), add(id, ['exact_match']), add(id, ['ter'])]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers) {
      if (answer.status === 'rejected')
        expect(answer.reason.message).toMatch(/still runs: add metrics when it is over/);
    }
    expect(await evaluations(id)).toHaveLength(2);
  });
});

test.each([
  ['one that it has', ['rougeL'], /^The experiment has rougeL already\.$/],
  ['one that it has, among others', ['rougeL', 'rouge1'], /has rougeL already/],
  ['one that is unknown', ['rogue1'], /rouge1/],
  ['none', [], /at least one metric/],
])('%s is refused, and nothing changes', async (_, metrics, message) => {
  const id = await createFinished();
  await expect(add(id, metrics)).rejects.toThrow(message);
  expect(await server.caller.experiments.get({ id })).toMatchObject({
    metrics: [{ name: 'rougeL' }],
    status: 'partial',
  });
});

test('a group stands for those of its metrics that are not in it yet', async () => {
  const id = await createFinished();
  expect(names(await add(id, ['rouge']))).toEqual(['rougeL', 'rouge1', 'rouge2', 'rougeLsum']);
});

test('one that needs a reference is refused where the experiment has none', async () => {
  const id = await createFinished({ reference_column: null, metrics: ['length_words'] });
  await expect(add(id, ['exact_match'])).rejects.toThrow(/exact_match compare the answer with a reference/);
});

test('a model without an answer is passed over; without any there is nothing to score', async () => {
  const one = await createFinished({}, { fails: 'place = 1' });
  const { workflows } = await add(one, ['length_words']);
  expect(workflows.map(({ stage }) => stage)).toEqual(['evaluation', null]);
  const none = await createFinished({}, { fails: 'true', evaluations: [] });
  await expect(add(none, ['length_words'])).rejects.toThrow(/there is nothing to score/);
  expect(names(await server.caller.experiments.get({ id: none }))).toEqual(['rougeL']);
});

test('what was stopped stays stopped, with the new scores too', async () => {
  const id = await createFinished();
  const { db } = server.services;
  await db.job.updateMany({ where: { experiment_id: id, kind: 'inference' }, data: { status: 'stopped' } });
  await db.experiment.update({ where: { id }, data: { stop_requested_at: new Date() } });
  await settle(id);
  expect(await add(id, ['length_words'])).toMatchObject({ status: 'running', stop_requested: false });
  await finishScoring(server.services, id, { score: '1.0' });
  await settle(id);
  await endComparison(id);
  expect(await server.caller.experiments.get({ id })).toMatchObject({
    status: 'stopped',
    workflows: [{ metrics: { length_words: {} } }, { metrics: { length_words: {} } }],
  });
});

describe('where scoring by the new ones fails', () => {
  async function failScoring() {
    const id = await createFinished();
    await add(id, ['length_words']);
    await server.services.db.job.updateMany({
      where: { experiment_id: id, status: 'created' },
      data: { status: 'failed', reason: 'No memory.', finished_at: new Date() },
    });
    await settle(id);
    await endComparison(id);
    return id;
  }

  test('the other scores are there, and resuming makes those that are missing', async () => {
    const id = await failScoring();
    const experiment = await server.caller.experiments.get({ id });
    expect(experiment.status).toBe('partial');
    for (const workflow of experiment.workflows) {
      expect(workflow).toMatchObject({ status: 'partial', reason: 'Some scoring failed: No memory.' });
      expect(Object.keys(workflow.metrics)).toEqual(['rougeL']);
    }
    const resumed = await server.caller.experiments.resume({ request_id: randomUUID(), id, what: 'not_run' });
    expect(resumed.workflows.map(({ status }) => status)).toEqual(['running', 'running']);
    expect((await evaluations(id)).map(names)).toEqual([['length_words'], ['length_words']]);
  });
});

test('when rows run again, the answers are scored anew by all', async () => {
  const id = await createFinished({}, { fails: 'row_id = 1' });
  await add(id, ['length_words']);
  await finishScoring(server.services, id, { score: '1.0' });
  await settle(id);
  await endComparison(id);
  const retried = await server.caller.experiments.resume({ request_id: randomUUID(), id, what: 'failed' });
  expect(retried.workflows.map(({ metrics }) => metrics)).toEqual([{}, {}]);
  const { db } = server.services;
  expect(await db.job.count({ where: { experiment_id: id, kind: 'evaluation', superseded_at: null } })).toBe(0);
});

test('of several answers to a row each is scored', async () => {
  const models = [{ model: 'm', base_url: 'http://127.0.0.1:9/v1' }, 'baseline/copy'];
  const id = await createFinished({ repeats: 3, models });
  await add(id, ['length_words']);
  expect((await evaluations(id)).map(({ repeats }) => repeats)).toEqual([3, 1]);
  await finishScoring(server.services, id, { score: 'row_id + repeat * 10.0' });
  await settle(id);
  const { rows } = await server.caller.rows.list({ experiment_id: id });
  for (const { row_id, cells } of rows) {
    expect(cells[0]!.metrics).toEqual({ rougeL: 0, length_words: row_id + 10 });
    expect(cells[0]!.repeats.map(({ metrics }) => metrics.length_words)).toEqual([0, 10, 20].map((n) => row_id + n));
    expect(cells[1]!.metrics).toEqual({ rougeL: 0.1, length_words: row_id });
  }
});
