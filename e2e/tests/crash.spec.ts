/**
 * What survives kill -9 of everything while an experiment runs, with the endpoint's ledger as witness: a row that was shown as answered
 * stays, and only calls in flight and those of the last second are made again. (`faults` kills and cuts one thing at a time.)
 */
import { join } from 'node:path';
import type { TouchstoneClient } from '@touchstone/client';
import { type FakeLlm, hashOf, startFakeLlm } from '@touchstone/fake-llm';
import { makeDialogues } from '../support/dialogues.ts';
import { createExperiment, type Experiment, isOver, untilExperiment, uploadDialogues } from '../support/experiments.ts';
import {
  kill,
  makeHome,
  processesOf,
  recordedProcesses,
  removeHome,
  type Stack,
  startStack,
} from '../support/stack.ts';
import { expect, test } from '../support/test.ts';

const ROWS = 300;
const CONCURRENCY = 16;
const LATENCY_MS = 200;
/** Calls that a second can hold. */
const A_SECOND = CONCURRENCY * (1000 / LATENCY_MS);
const dialogues = makeDialogues(ROWS);

test.describe.configure({ mode: 'serial', timeout: 300_000 });

let home: string;
let stack: Stack;
let endpoint: FakeLlm;
test.beforeAll(async () => {
  home = makeHome();
  stack = await startStack(home);
});
test.afterAll(async () => {
  await stack?.stop().finally(() => removeHome(home, join(test.info().project.outputDir, 'logs-crash')));
});
test.beforeEach(async () => {
  endpoint = await startFakeLlm({ latency_ms: LATENCY_MS });
});
test.afterEach(() => endpoint.stop());

async function startExperiment(client: TouchstoneClient, name: string): Promise<Experiment> {
  const dataset = await uploadDialogues(client, name, dialogues);
  return createExperiment(client, {
    name,
    dataset_id: dataset.id,
    prompt: '{{examples}}',
    models: [{ name: 'endpoint', model: 'm', base_url: endpoint.base_url, concurrency: CONCURRENCY }],
    metrics: ['length'],
  });
}

/** The prompts of the rows that the page would show as answered, once there are some and many are left. */
async function untilSomeAreShown(client: TouchstoneClient, id: string): Promise<string[]> {
  await untilExperiment(client, id, ({ workflows: [one] }) => one!.rows.answered >= ROWS / 6, { every_ms: 50 });
  const { rows } = await client.rows.list.query({ experiment_id: id, limit: 200 });
  return rows.filter(({ cells: [cell] }) => cell!.prediction !== null).map(({ input }) => hashOf(input));
}

async function expectNothingLost(experiment: Experiment, client: TouchstoneClient, shown: readonly string[]) {
  expect(experiment.status).toBe('succeeded');
  expect(experiment.workflows[0]!.rows).toEqual({ total: ROWS, answered: ROWS, failed: 0, not_run: 0, pending: 0 });
  const { prompts } = await endpoint.ledger();
  expect(Object.keys(prompts).sort()).toEqual(dialogues.map(({ examples }) => hashOf(examples)).sort());
  expect(shown.length).toBeGreaterThan(0);
  expect(
    shown.filter((prompt) => prompts[prompt] !== 1),
    'rows shown as answered, and asked for again',
  ).toEqual([]);
  const pages = [0, 200].map((offset) => client.rows.list.query({ experiment_id: experiment.id, offset, limit: 200 }));
  const rows = (await Promise.all(pages)).flatMap((page) => page.rows);
  expect(
    rows.filter(({ input, cells: [cell] }) => cell!.prediction && input.startsWith(cell!.prediction)),
  ).toHaveLength(ROWS);
}

async function expectFewCallsTwice() {
  const again = (await endpoint.ledger()).calls - ROWS;
  test.info().annotations.push({ type: 'calls made twice', description: String(again) });
  expect(again, 'calls made twice').toBeLessThanOrEqual(CONCURRENCY + A_SECOND);
}

test('kill -9 of everything: the next start finishes the experiment', async () => {
  const { id } = await startExperiment(stack.client, 'Everything killed');
  const shown = await untilSomeAreShown(stack.client, id);
  const before = recordedProcesses(home);
  expect(Object.keys(before).sort()).toEqual(['launcher', 'mlflow', 'postgres', 'ray', 'server']);
  // The launcher first, so that it restarts nothing; then what it started, with Ray's workers.
  for (const pid of [before.launcher!, ...Object.values(before), ...processesOf(home)]) kill(pid);
  const { calls } = await endpoint.ledger();
  expect(calls, 'it was still running').toBeLessThan(ROWS);

  stack = await startStack(home);
  const experiment = await untilExperiment(stack.client, id, isOver, { within_s: 200 });
  await expectNothingLost(experiment, stack.client, shown);
  await expectFewCallsTwice();
});
