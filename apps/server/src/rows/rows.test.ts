import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { type ExperimentCreate, type MetricRef, type RowsInput, resolveMetrics } from '@touchstone/schemas';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { finishExperiment, type MadeAnswers } from '../testing/finished.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';
import { exportExperiment } from './export.ts';

const ROWS = 40;

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

async function makeExperiment(made: Partial<MadeAnswers> = {}, asked: Partial<ExperimentCreate> = {}) {
  const dataset = await uploadText(server.ctx, makeRows(ROWS));
  const { id, workflows } = await server.caller.experiments.create({
    request_id: randomUUID(),
    name: 'Over',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization',
    models: ['baseline/copy', 'baseline/lead-3'],
    metrics: ['rouge'],
    ...asked,
  });
  // The two differ in every third row; scores rise with row_id for the first and fall for the second.
  const prediction = "concat('answer ', CASE WHEN row_id % 3 = 0 THEN place ELSE 7 END, ' to ', row_id)";
  await finishExperiment(server.services, id, { prediction, score: 'row_id * (1 - 2 * place) / 100', ...made });
  return { id, workflows: workflows.map((workflow) => workflow.id) };
}

type Asked = Omit<RowsInput, 'experiment_id'>;
const list = (id: string, asked: Asked = {}) => server.caller.rows.list({ experiment_id: id, ...asked });
const idsOf = async (id: string, asked: Asked) => (await list(id, asked)).rows.map(({ row_id }) => row_id);

describe.each([
  ['where every row is done', {}],
  ['where some were not run', { is_left_out: 'place = 1 AND row_id % 4 = 0' }],
  [
    'scored by several evaluations, the newest of which counts',
    {
      evaluations: [['rouge1', 'rougeL'], ['rougeL', 'rougeLsum'], ['rouge2']].map((refs) =>
        resolveMetrics(refs as MetricRef[]),
      ),
      score: 'row_id * (1 - 2 * place) / 100 - CASE evaluation WHEN 0 THEN 1000 ELSE 0 END',
    },
  ],
] satisfies [string, Partial<MadeAnswers>][])('the rows of an experiment, %s', (_, made) => {
  let experiment: Awaited<ReturnType<typeof makeExperiment>>;
  beforeAll(async () => {
    experiment = await makeExperiment({ fails: 'place = 0 AND row_id IN (5, 12)', ...made });
  });

  test('come in the order of the sample, page by page, each with its own texts, answers and scores', async () => {
    const whole = await list(experiment.id, { limit: 200 });
    expect(whole).toMatchObject({ matching: ROWS, complete: true });
    expect(whole.rows.map(({ position }) => position)).toEqual(Array.from({ length: ROWS }, (_, i) => i));
    for (const { row_id, input, reference, cells } of whole.rows) {
      expect([input, reference]).toEqual([expect.stringMatching(`^Item ${row_id} arrived`), `Item ${row_id} came.`]);
      const failed = row_id === 5 || row_id === 12;
      expect(cells[0]).toMatchObject({
        prediction: failed ? null : `answer ${row_id % 3 === 0 ? 0 : 7} to ${row_id}`,
        error: failed ? { code: 'timeout', message: 'no answer' } : null,
        metrics: { rougeL: row_id / 100 },
      });
      const isRun = !('is_left_out' in made) || row_id % 4 !== 0;
      expect(cells[1]!.prediction).toBe(isRun ? `answer ${row_id % 3 === 0 ? 1 : 7} to ${row_id}` : null);
    }
    const pages = await Promise.all([0, 15, 30, 45].map((offset) => list(experiment.id, { offset, limit: 15 })));
    expect(pages.flatMap(({ rows }) => rows)).toEqual(whole.rows);
    expect(pages.map(({ matching }) => matching)).toEqual([ROWS, ROWS, ROWS, ROWS]);
  });

  test('are sorted by a score of one workflow', async () => {
    const [first, second] = experiment.workflows as [string, string];
    const by = (workflow_id: string, descending: boolean) => ({
      sort: { workflow_id, metric: 'rougeL' as const, descending },
    });
    expect(await idsOf(experiment.id, { ...by(first, true), limit: 3 })).toEqual([39, 38, 37]);
    expect(await idsOf(experiment.id, { ...by(first, true), limit: 3, offset: 38 })).toEqual([1, 0]);
    expect(await idsOf(experiment.id, { ...by(second, true), limit: 3 })).toEqual([0, 1, 2]);
    expect(await idsOf(experiment.id, { ...by(first, false), filter: 'failed' })).toEqual([5, 12]);
    await expect(list(experiment.id, by(randomUUID(), true))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  test('are filtered and searched, and counted for each filter', async () => {
    const failed = await list(experiment.id, { filter: 'failed', sort: undefined });
    expect([failed.matching, failed.rows.map(({ row_id }) => row_id).toSorted((a, b) => a - b)]).toEqual([2, [5, 12]]);
    const found = await list(experiment.id, { search: ' ITEM 3 arrived' });
    expect([found.matching, found.rows.map(({ row_id }) => row_id)]).toEqual([1, [3]]);
    expect(await idsOf(experiment.id, { search: 'answer 0 to 6' })).toEqual([6]);
    expect(await list(experiment.id, { search: 'item', offset: 100 })).toMatchObject({ rows: [], matching: ROWS });

    const counts = await server.caller.rows.counts({ experiment_id: experiment.id });
    expect(counts).toMatchObject({ all: ROWS, failed: 2 });
    expect(counts.disagree).toBe((await list(experiment.id, { filter: 'disagree' })).matching);
    expect(await server.caller.rows.counts({ experiment_id: experiment.id, search: 'item 5 ' })).toEqual({
      all: 1,
      failed: 1,
      disagree: 0,
      a_better: 0,
      b_better: 0,
    });
  });

  test('are those on which one of two models has the better score, where both have one', async () => {
    const [a, b] = experiment.workflows as [string, string];
    const pair = { a, b, metric: 'rougeL' as const };
    const { rows } = await list(experiment.id, { limit: 200 });
    const better = (one: number, other: number) =>
      rows.flatMap(({ row_id, cells }) =>
        cells[one]!.metrics.rougeL! > cells[other]!.metrics.rougeL! ? [row_id] : [],
      );
    expect(better(0, 1).length).toBeGreaterThan(25);
    expect(await idsOf(experiment.id, { filter: 'a_better', pair })).toEqual(better(0, 1));
    expect(await idsOf(experiment.id, { filter: 'b_better', pair })).toEqual(better(1, 0));
    expect(await server.caller.rows.counts({ experiment_id: experiment.id, pair })).toMatchObject({
      a_better: better(0, 1).length,
      b_better: better(1, 0).length,
    });
    for (const refused of [
      { filter: 'a_better' as const },
      { pair: { ...pair, b: a } },
      { pair: { ...pair, b: randomUUID() } },
      { pair: { ...pair, metric: 'ter' as const } },
    ]) {
      await expect(list(experiment.id, refused)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    }
  });

  test('have their scores counted in bins that all models share', async () => {
    const { edges, workflows } = await server.caller.rows.distribution({
      experiment_id: experiment.id,
      metric: 'rougeL',
    });
    const { rows } = await list(experiment.id, { limit: 200 });
    expect(workflows.map(({ workflow_id }) => workflow_id)).toEqual(experiment.workflows);
    for (const [place, { counts, scored }] of workflows.entries()) {
      const values = rows.flatMap(({ cells }) => cells[place]!.metrics.rougeL ?? []);
      expect(scored).toBe(values.length);
      const inBin = (low: number, high: number, isLast: boolean) =>
        values.filter((value) => value >= low - 1e-9 && (value < high - 1e-9 || (isLast && value <= high + 1e-9)));
      expect(counts).toEqual(counts.map((_, i) => inBin(edges[i]!, edges[i + 1]!, i === counts.length - 1).length));
    }
    await expect(
      server.caller.rows.distribution({ experiment_id: experiment.id, metric: 'ter' }),
    ).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});

describe('rows that were answered several times', () => {
  let experiment: Awaited<ReturnType<typeof makeExperiment>>;
  beforeAll(async () => {
    experiment = await makeExperiment(
      {
        prediction: "concat('answer ', repeat, ' to ', row_id)",
        score: '(row_id + repeat) / 100',
        fails: 'row_id = 7 AND repeat = 1',
      },
      { repeats: 3, models: ['baseline/copy', { model: 'm', base_url: 'http://127.0.0.1:9/v1' }] },
    );
  });

  test('have the first answer, the mean of the scores, and each answer with its own; a baseline gives one', async () => {
    const { rows, matching } = await list(experiment.id, { limit: 200 });
    expect([rows.length, matching]).toEqual([ROWS, ROWS]);
    for (const { row_id, cells } of rows) {
      expect(cells[0]).toMatchObject({
        prediction: `answer 0 to ${row_id}`,
        metrics: { rougeL: row_id / 100 },
        repeats: [],
      });
      expect(cells[1]!.prediction).toBe(`answer 0 to ${row_id}`);
      expect(cells[1]!.metrics.rougeL).toBeCloseTo((row_id + 1) / 100);
      expect(cells[1]!.repeats.map(({ prediction }) => prediction)).toEqual(
        [0, 1, 2].map((repeat) => (row_id === 7 && repeat === 1 ? null : `answer ${repeat} to ${row_id}`)),
      );
      expect(cells[1]!.repeats[2]!.metrics.rougeL).toBeCloseTo((row_id + 2) / 100);
    }
    const sort = { workflow_id: experiment.workflows[1]!, metric: 'rougeL' as const, descending: true };
    expect(await idsOf(experiment.id, { sort, limit: 2 })).toEqual([39, 38]);
  });

  test('count every answer, and are found where any of them failed', async () => {
    const found = await server.caller.experiments.get({ id: experiment.id });
    expect(found.workflows.map((workflow) => workflow.rows.total)).toEqual([ROWS, 3 * ROWS]);
    expect(await idsOf(experiment.id, { filter: 'failed' })).toEqual([7]);
    expect(await server.caller.rows.counts({ experiment_id: experiment.id })).toMatchObject({ all: ROWS, failed: 1 });
  });

  test('are exported with a line for each', async () => {
    const { stream } = await exportExperiment(server.ctx, experiment.id, 'jsonl');
    const lines = (await text(stream))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(ROWS * 4);
    const ofRow = lines.filter(({ row_id }) => row_id === 7);
    expect(ofRow.map(({ workflow, repeat, prediction }) => [workflow, repeat, prediction])).toEqual([
      ['copy', 0, 'answer 0 to 7'],
      ['m', 0, 'answer 0 to 7'],
      ['m', 1, null],
      ['m', 2, 'answer 2 to 7'],
    ]);
  });
});
