import { randomUUID } from 'node:crypto';
import { type Db, findExperiment, findJob } from '@touchstone/db';
import type { ComparisonResult, ComparisonSpec } from '@touchstone/schemas';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { settleExperiment } from '../experiments/settle.ts';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { finishExperiment } from '../testing/finished.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

/** An experiment whose models are all over and scored, and that was not settled since. */
async function makeFinished(models = ['baseline/copy', 'baseline/lead-3'], is_left_out = 'false'): Promise<string> {
  const dataset = await uploadText(server.ctx, makeRows(5));
  const { id } = await server.caller.experiments.create({
    request_id: randomUUID(),
    name: 'Compared',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization',
    models,
    metrics: ['rougeL', 'length_words'],
  });
  await finishExperiment(server.services, id, { prediction: "'a'", score: '0.1 * place', is_left_out });
  return id;
}

const settle = (id: string) => server.services.db.$transaction((tx: Db) => settleExperiment(tx, id));
const comparisons = (experiment_id: string) =>
  server.services.db.job.findMany({ where: { experiment_id, kind: 'comparison' }, orderBy: { created_at: 'asc' } });

async function endComparison(
  id: string,
  status: 'succeeded' | 'failed',
  reason: string | null = null,
  pairs: ComparisonResult['pairs'] = [],
): Promise<void> {
  const { db } = server.services;
  const [job] = (await findExperiment(db, id))!.jobs;
  const { metrics, primary_metric, workflows } = job!.spec;
  const result: ComparisonResult = {
    version: 1,
    kind: 'comparison',
    job_id: job!.id,
    attempt: 1,
    versions: {},
    seconds: 1,
    rows: 5,
    metrics,
    primary_metric,
    workflows: workflows.map(({ workflow_id }) => ({ workflow_id, failed: 0 })),
    pairs,
  };
  const data = { status, reason, finished_at: new Date(), ...(status === 'succeeded' && { result }) };
  await db.job.update({ where: { id: job!.id }, data });
  await settle(id);
}

test('two servers that settle at once make one comparison, of what was accepted', async () => {
  const id = await makeFinished();
  await Promise.all([settle(id), settle(id), settle(id)]);
  const jobs = await comparisons(id);
  expect(jobs).toHaveLength(1);
  const spec = jobs[0]!.spec as unknown as ComparisonSpec;
  const experiment = (await findExperiment(server.services.db, id))!;
  const [inference, evaluation] = experiment.workflows[0]!.jobs;
  expect(spec.workflows[0]).toEqual({
    workflow_id: experiment.workflows[0]!.id,
    scores: [{ key: `jobs/${evaluation!.id}/attempts/1/rows.parquet`, sha256: expect.any(String) }],
    answers: { key: `jobs/${inference!.id}/attempts/1/rows.parquet`, sha256: expect.any(String) },
  });
  expect(spec.metrics).toEqual([
    { name: 'rougeL', type: 'rougeL', yes_or_no: false, direction: 'higher', delta: 0.01, worst: 0, span: 1 },
    {
      name: 'length_words',
      type: 'length_words',
      yes_or_no: false,
      direction: 'none',
      delta: null,
      worst: 0,
      span: null,
    },
  ]);
  expect(spec.groups).toBeNull();
  expect(await server.caller.experiments.get({ id })).toMatchObject({ status: 'running', finished_at: null });
  expect(await server.caller.comparisons.get({ experiment_id: id })).toMatchObject({
    status: 'running',
    job_id: jobs[0]!.id,
    comparison: null,
    recommendation: null,
  });
});

test('the experiment is over when its comparison is', async () => {
  const id = await makeFinished();
  await settle(id);
  await endComparison(id, 'succeeded');
  const experiment = await server.caller.experiments.get({ id });
  expect(experiment).toMatchObject({ status: 'succeeded', comparison: { status: 'succeeded' } });
  expect(experiment.finished_at).not.toBeNull();
  expect(await server.caller.comparisons.get({ experiment_id: id })).toMatchObject({
    status: 'done',
    comparison: { rows: 5 },
  });
  await settle(id);
  expect(await comparisons(id)).toHaveLength(1);
});

test('is recommended by the rule of the experiment, which can be changed, or by one that is asked for', async () => {
  const id = await makeFinished();
  await settle(id);
  await endComparison(id, 'succeeded');
  const get = (rule?: object) => server.caller.comparisons.get({ experiment_id: id, ...(rule && { rule }) });
  expect((await get()).rule).toEqual({ rule: 'best', prefer: 'cheapest' });
  const saved = await server.caller.experiments.update({ id, recommend: { prefer: 'fastest', local_only: true } });
  expect(saved.recommend).toEqual({ rule: 'best', prefer: 'fastest', local_only: true });
  expect(await get()).toMatchObject({
    rule: { prefer: 'fastest', local_only: true },
    recommendation: { rule: expect.stringContaining('the fastest, then the cheapest') },
  });
  expect((await get({ max_cost: 1 })).rule).toEqual({ rule: 'best', prefer: 'cheapest', max_cost: 1 });
  const events = await server.services.db.tracking_outbox.findMany({
    where: { subject_id: id },
    orderBy: { id: 'asc' },
  });
  expect(events.at(-1)!.event).toMatchObject({
    type: 'verdict',
    tags: { 'touchstone.rule': expect.stringContaining('the fastest') },
  });
  await server.caller.experiments.update({ id, recommend: null });
  expect((await get()).rule).toEqual({ rule: 'best', prefer: 'cheapest' });
});

test('rows that come in groups are compared by them; too few groups are refused before anything runs', async () => {
  const rows = Array.from({ length: 24 }, (_, i) => `a${i},b,${Math.floor(i / 2)},${i % 9}`);
  const dataset = await uploadText(server.ctx, ['examples,ground_truth,customer,weekday', ...rows].join('\n'));
  const plan = {
    name: 'Grouped',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization' as const,
    models: ['baseline/copy', 'baseline/lead-3'],
    metrics: ['rougeL' as const],
  };
  const { caller } = server;
  await expect(caller.experiments.estimate({ ...plan, group_column: 'weekday' })).rejects.toThrow(
    'The 24 rows come in 9 groups by "weekday", and at least 10 are needed for an interval',
  );
  await expect(caller.experiments.estimate({ ...plan, group_column: 'custmer' })).rejects.toThrow(
    'Group column: the dataset has no such column. "custmer" is not known here: did you mean "customer"?',
  );
  const { id, group_column } = await caller.experiments.create({
    ...plan,
    group_column: 'customer',
    request_id: randomUUID(),
  });
  expect(group_column).toBe('customer');
  await finishExperiment(server.services, id, { prediction: "'a'", score: '0.1 * place' });
  await settle(id);
  const [job] = await comparisons(id);
  expect(job!.spec).toMatchObject({
    groups: { data: { key: `datasets/${dataset.id}/data.parquet` }, column: 'customer' },
  });
  const experiment = (await findExperiment(server.services.db, id))!;
  const inference = (await findJob(server.services.db, experiment.workflows[0]!.jobs[0]!.id))!;
  expect(inference.spec).toMatchObject({ group_column: 'customer' });
});

test('what rows would show is said before a run, by an earlier experiment on the dataset or else a rule of thumb', async () => {
  const id = await makeFinished();
  const { dataset, workflows } = await server.caller.experiments.get({ id });
  const plan = {
    name: 'Next',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization' as const,
    models: ['baseline/copy', 'baseline/lead-3', 'baseline/lexrank'],
    metrics: ['rougeL' as const, 'length_words' as const],
  };
  const { caller } = server;
  const first = (await caller.experiments.estimate(plan)).power!;
  expect(first).toMatchObject({ metric: 'rougeL', rows: 5, pairs: 3, delta: 0.01, spread: 0.15 });
  expect(first.text).toMatch(
    /^With 5 rows a difference of .* ROUGE-L would be found in 80 % of cases \(assumed spread 0.15: a rule of thumb/,
  );
  await settle(id);
  const pair: ComparisonResult['pairs'][number] = {
    metric: 'rougeL',
    family: 'primary',
    a: workflows[0]!.id,
    b: workflows[1]!.id,
    n: 5,
    difference: 0.02,
    interval: null,
    interval_simultaneous: null,
    bounds: null,
    test: null,
    p: null,
    p_adjusted: null,
    p_equivalent: null,
    effect_size: null,
    wins: null,
    ties: null,
    losses: null,
    label: null,
    detectable: null,
    spread: 0.11,
    with_failures: null,
  };
  await endComparison(id, 'succeeded', null, [pair]);
  const next = (await caller.experiments.estimate({ ...plan, recommend: { delta: 0.05 } })).power!;
  expect(next).toMatchObject({ delta: 0.05, spread: 0.11 });
  expect(next.text).toMatch(/\(assumed spread 0.11: from your last experiment on this dataset\)\. For one of 0.05/);
  expect((await caller.experiments.estimate({ ...plan, models: ['baseline/copy'] })).power).toBeNull();
  expect((await caller.experiments.estimate({ ...plan, primary_metric: 'length_words' })).power).toBeNull();
});

test('one that failed leaves the scores, a reason, and can be made again', async () => {
  const id = await makeFinished();
  await settle(id);
  await endComparison(id, 'failed', 'The driver ended without a result.');
  expect(await server.caller.experiments.get({ id })).toMatchObject({
    status: 'partial',
    comparison: { status: 'failed', reason: 'The driver ended without a result.' },
    workflows: [{ status: 'succeeded' }, { status: 'succeeded' }],
  });
  expect(await server.caller.comparisons.get({ experiment_id: id })).toMatchObject({
    status: 'failed',
    reason: 'The driver ended without a result.',
  });
  await server.caller.experiments.resume({ request_id: randomUUID(), id, what: 'not_run' });
  expect(await server.caller.experiments.get({ id })).toMatchObject({
    status: 'running',
    comparison: { status: 'created' },
  });
  expect((await comparisons(id)).map(({ superseded_at }) => superseded_at === null)).toEqual([false, true]);
});

test('a model that is added later, or rows that are run again, supersede it', async () => {
  const id = await makeFinished(['baseline/copy', 'baseline/lead-3'], 'row_id = 1 AND place = 0');
  await settle(id);
  await endComparison(id, 'succeeded');
  await server.caller.experiments.add_workflows({ request_id: randomUUID(), id, models: ['baseline/lexrank'] });
  expect(await server.caller.experiments.get({ id })).toMatchObject({ status: 'running', comparison: null });
  const got = await server.caller.comparisons.get({ experiment_id: id });
  expect(got).toMatchObject({ status: 'waiting', comparison: null, recommendation: null });
  const [first] = await comparisons(id);
  expect((await findJob(server.services.db, first!.id))!.superseded_at).not.toBeNull();
  expect(got.replaces).toBe(1);
  await finishExperiment(server.services, id, { prediction: "'a'", score: '0.1 * place' });
  await settle(id);
  await endComparison(id, 'succeeded');
  const { recommendation } = await server.caller.comparisons.get({ experiment_id: id });
  expect(recommendation!.evidence.at(-1)).toMatch(/tested together anew \(comparison 2 of this experiment\)/);
});

test('with one model there is nothing to compare, and no waiting for it', async () => {
  const id = await makeFinished(['baseline/copy']);
  await settle(id);
  expect(await comparisons(id)).toEqual([]);
  expect(await server.caller.experiments.get({ id })).toMatchObject({ status: 'succeeded', comparison: null });
  expect(await server.caller.comparisons.get({ experiment_id: id })).toMatchObject({
    status: 'done',
    comparison: null,
  });
});

test('a deleted experiment is not compared any more', async () => {
  const id = await makeFinished();
  await server.caller.experiments.remove({ id, force: true });
  await settle(id);
  expect(await comparisons(id)).toEqual([]);
});
