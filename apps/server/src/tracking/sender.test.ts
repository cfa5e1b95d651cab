import { randomUUID } from 'node:crypto';
import { createMemoryTracking, type Tracking, TrackingError } from '@touchstone/tracking';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';
import { sendDueOutboxes } from './sender.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

async function createExperiment(name: string): Promise<string> {
  const dataset = await uploadText(server.ctx, makeRows(3));
  const experiment = await server.caller.experiments.create({
    request_id: randomUUID(),
    name,
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization',
    models: ['baseline/copy', 'baseline/lead-3'],
    metrics: ['rouge'],
  });
  return experiment.id;
}

const away = () => new TrackingError('unreachable', 'nothing answers');

/** Every verb answers as `decide` says: not at all, or only after it was done. */
function unreliable(tracking: Tracking, decide: (verb: string) => 'refuse' | 'lose the answer' | 'answer'): Tracking {
  return new Proxy(tracking, {
    get(target, verb: keyof Tracking) {
      return async (...args: never[]) => {
        const decision = decide(verb);
        if (decision === 'refuse') throw away();
        const answer = await (target[verb] as (...args: never[]) => Promise<unknown>)(...args);
        if (decision === 'lose the answer') throw away();
        return answer;
      };
    },
  });
}

const countUnsent = (subject_id: string) =>
  server.services.db.tracking_outbox.count({ where: { subject_id, sent_at: null } });
/** As if the time until the next try had passed. */
const makeDue = () => server.services.db.tracking_outbox.updateMany({ data: { due_at: new Date(0) } });

test('with MLflow away everything is kept; when it is back the record is whole and in order', async () => {
  const id = await createExperiment('Away');
  const memory = createMemoryTracking();
  const down = { ...server.services, tracking: unreliable(memory, () => 'refuse') };
  for (let i = 0; i < 3; i++) {
    await makeDue();
    await sendDueOutboxes(down, randomUUID());
  }
  expect(await countUnsent(id)).toBe(3);
  expect(await memory.findExperiment(id)).toBeNull();
  expect((await server.caller.experiments.get({ id })).mlflow_url).toBeNull();

  await makeDue();
  await sendDueOutboxes({ ...server.services, tracking: memory }, randomUUID());
  expect(await countUnsent(id)).toBe(0);
  const runs = await memory.findRuns((await memory.findExperiment(id))!);
  expect(runs.map(({ name }) => name).toSorted()).toEqual(['copy', 'lead-3']);
  expect(runs[0]!.params).toMatchObject({ rows: '3', seed: '0', primary_metric: 'rougeL' });
  expect((await server.caller.experiments.get({ id })).mlflow_url).toMatch(/^\/mlflow\/#\/experiments\//);
});

test('answers that are lost, at every verb, make no doubles', async () => {
  const id = await createExperiment('Lossy');
  const memory = createMemoryTracking();
  const calls = new Map<string, number>();
  const lossy = {
    ...server.services,
    tracking: unreliable(memory, (verb) => {
      const n = calls.get(verb) ?? 0;
      calls.set(verb, n + 1);
      return n % 2 === 0 ? 'lose the answer' : 'answer';
    }),
  };
  for (let i = 0; i < 60 && (await countUnsent(id)) > 0; i++) {
    await makeDue();
    await sendDueOutboxes(lossy, randomUUID());
  }
  expect(await countUnsent(id)).toBe(0);
  const runs = await memory.findRuns((await memory.findExperiment(id))!);
  expect(runs.map(({ name }) => name).toSorted()).toEqual(['copy', 'lead-3']);
});

test('what somebody deleted in MLflow holds nothing up', async () => {
  const id = await createExperiment('Deleted there');
  const memory = createMemoryTracking();
  await sendDueOutboxes({ ...server.services, tracking: memory }, randomUUID());
  await memory.deleteExperiment((await memory.findExperiment(id))!);
  await server.caller.experiments.remove({ id, force: true });
  await makeDue();
  await sendDueOutboxes({ ...server.services, tracking: memory }, randomUUID());
  expect(await countUnsent(id)).toBe(0);
});
