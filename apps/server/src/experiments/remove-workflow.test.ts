import { randomUUID } from 'node:crypto';
import { type Db, findExperiment } from '@touchstone/db';
import { keys } from '@touchstone/storage';
import { createMemoryTracking } from '@touchstone/tracking';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { advanceDueJobs } from '../reconciler/reconciler.ts';
import { sweep } from '../reconciler/sweep.ts';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { finishExperiment } from '../testing/finished.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';
import { sendDueOutboxes } from '../tracking/sender.ts';
import { settleExperiment } from './settle.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

const MODELS = ['baseline/copy', 'baseline/lead-3', 'baseline/lexrank'];

async function create(models = MODELS) {
  const dataset = await uploadText(server.ctx, makeRows(5));
  return server.caller.experiments.create({
    request_id: randomUUID(),
    name: 'Of several',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization',
    models,
    metrics: ['rougeL'],
  });
}

/** All of it is over: answered, scored and compared. */
async function createFinished(models = MODELS) {
  const { id } = await create(models);
  await finishExperiment(server.services, id, { prediction: "'a'", score: '0.1 * place' });
  await server.services.db.$transaction((tx: Db) => settleExperiment(tx, id));
  await endComparison(id);
  return server.caller.experiments.get({ id });
}

async function endComparison(id: string): Promise<void> {
  const { db } = server.services;
  const [job] = (await findExperiment(db, id))!.jobs;
  await db.job.update({ where: { id: job!.id }, data: { status: 'failed', finished_at: new Date() } });
  await db.$transaction((tx: Db) => settleExperiment(tx, id));
}

const remove = (id: string, workflow_id: string, force = false) =>
  server.caller.experiments.remove_workflow({ id, workflow_id, force });
const compared = async (id: string) =>
  (await findExperiment(server.services.db, id))!.jobs[0]?.spec.workflows.map(({ workflow_id }) => workflow_id);

test('the others keep their results and places, and are compared without it; its name is free again', async () => {
  const { id, workflows } = await createFinished();
  const [copy, lead, lexrank] = workflows.map((workflow) => workflow.id);
  const left = await remove(id, copy!);
  expect(left.workflows.map(({ name, position }) => [name, position])).toEqual([
    ['lead-3', 1],
    ['lexrank', 2],
  ]);
  expect(left).toMatchObject({ status: 'running', finished_at: null });
  expect(await compared(id)).toEqual([lead, lexrank]);
  expect((await server.caller.jobs.list({ experiment_id: id, kind: 'inference' })).items).toHaveLength(2);
  const { items } = await server.caller.experiments.list({ search: 'lead-3' });
  expect(items.find((item) => item.id === id)!.workflows.map(({ position }) => position)).toEqual([1, 2]);
  expect((await server.caller.experiments.list({ search: 'baseline/copy' })).items).toEqual([]);

  const added = await server.caller.experiments.add_workflows({
    request_id: randomUUID(),
    id,
    models: ['baseline/copy'],
  });
  expect(added.workflows.map(({ name, position }) => [name, position])).toEqual([
    ['lead-3', 1],
    ['lexrank', 2],
    ['copy', 3],
  ]);
});

test('one of two leaves nothing to compare, and the experiment is over as it was; the last cannot go', async () => {
  const { id, workflows, finished_at } = await createFinished(MODELS.slice(0, 2));
  const left = await remove(id, workflows[1]!.id);
  expect(left).toMatchObject({ status: 'succeeded', finished_at, comparison: null });
  await expect(remove(id, workflows[0]!.id)).rejects.toThrow('"copy" is the only model of the experiment');
  await expect(remove(id, workflows[1]!.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(
    server.caller.datasets.create_from_workflow({
      request_id: randomUUID(),
      workflow_id: workflows[1]!.id,
      name: 'Gone',
    }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('one that runs is removed only by force: its job ends, is not scored, and the others go on', async () => {
  const { id, workflows } = await create();
  const [{ id: workflow_id, jobs }] = workflows as [(typeof workflows)[0]];
  await expect(remove(id, workflow_id)).rejects.toThrow('"copy" still runs: stop it first, or remove it with force.');
  const left = await remove(id, workflow_id, true);
  expect(left.workflows.map(({ status }) => status)).toEqual(['created', 'created']);
  await advanceDueJobs(server.services, randomUUID());
  const { db } = server.services;
  expect(await db.job.findMany({ where: { workflow_id }, select: { id: true, status: true } })).toEqual([
    { id: jobs[0]!.id, status: 'stopped' },
  ]);
  await expect(server.caller.jobs.get({ id: jobs[0]!.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('its files go, and its runs in MLflow with those below; nothing else does', async () => {
  const { id, workflows } = await createFinished();
  const { db, storage } = server.services;
  const memory = createMemoryTracking();
  const send = async () => {
    await db.tracking_outbox.updateMany({ data: { due_at: new Date(0) } });
    await sendDueOutboxes({ ...server.services, tracking: memory }, randomUUID());
  };
  await send();
  const [removed, kept] = workflows;
  await remove(id, removed!.id);
  await send();
  const runs = await memory.findRuns((await memory.findExperiment(id))!);
  expect(runs.map(({ name }) => name).toSorted()).toEqual(['lead-3', 'lexrank']);

  const files = async (workflow: typeof removed) => {
    const found = workflow!.jobs.map((job) => Array.fromAsync(storage.list(keys.jobPrefix(job.id))));
    return (await Promise.all(found)).flat();
  };
  expect(await files(removed)).not.toEqual([]);
  await sweep(server.services);
  expect(await files(removed)).toEqual([]);
  expect(await files(kept)).not.toEqual([]);
  await db.workflow.updateMany({ where: { id: removed!.id }, data: { purged_at: new Date(Date.now() - 360_000) } });
  await sweep(server.services);
  expect(await db.job.count({ where: { id: { in: removed!.jobs.map((job) => job.id) } } })).toBe(0);
  expect(await db.workflow.count({ where: { experiment_id: id } })).toBe(2);
});
