import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uploadText } from '../testing/datasets.ts';
import { finishExperiment } from '../testing/finished.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';
import { exportComparison } from './export.ts';
import { wilson } from './slices.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

const ENGLISH = 'The parcel came on a rainy morning and nobody knew who had sent it.';
const GERMAN = 'Das Paket kam an einem verregneten Morgen, und niemand wusste, wer es geschickt hatte.';

/** 60 rows: two topics and a blank one, three lengths, thirty customers, each with two rows. */
async function makeScored(score: string, change: { group_column?: string } = {}): Promise<string> {
  const rows = Array.from({ length: 60 }, (_, i) => {
    const text = i % 4 === 0 ? `"${GERMAN}"` : ENGLISH.repeat(1 + (i % 4));
    return `${text},ref,${['sport', 'news', ''][i % 3]},${i},customer ${Math.floor(i / 2)}`;
  });
  const dataset = await uploadText(server.ctx, ['examples,ground_truth,topic,serial,customer', ...rows].join('\n'));
  const { id } = await server.caller.experiments.create({
    request_id: randomUUID(),
    name: 'Sliced',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization',
    models: ['baseline/copy', 'baseline/lead-3'],
    metrics: ['rougeL', 'exact_match', 'bleu'],
    ...change,
  });
  await finishExperiment(server.services, id, { prediction: "'a'", score });
  return id;
}

const slices = (experiment_id: string, by: string, metric?: 'rougeL' | 'exact_match' | 'bleu') =>
  server.caller.comparisons.slices({ experiment_id, by, ...(metric && { metric }) });

test('a column’s values, blank ones too, have value, rows and a t interval for each model and metric', async () => {
  const id = await makeScored('row_id / 100.0');
  const found = await slices(id, 'topic', 'rougeL');
  expect(found.slices.map(({ value, rows }) => [value, rows])).toEqual([
    ['(blank)', 20],
    ['news', 20],
    ['sport', 20],
  ]);
  expect(found.interim).toBe(false);
  expect(found.choices).toEqual(['@input_length', '@language', 'topic', 'serial', 'customer']);
  const experiment = await server.caller.experiments.get({ id });
  const sport = found.slices[2]!.cells;
  expect(sport.map(({ workflow_id }) => workflow_id).toSorted()).toEqual(
    experiment.workflows.map((workflow) => workflow.id).toSorted(),
  );
  // scipy 1.17: stats.ttest_1samp(np.arange(0, 60, 3) / 100, 0).confidence_interval(0.95)
  const first = sport.find(({ workflow_id }) => workflow_id === experiment.workflows[0]!.id)!;
  expect(first).toMatchObject({ metric: 'rougeL', n: 20, interval: { method: 'Student t', level: 0.95 } });
  expect(first.value).toBeCloseTo(0.285, 12);
  expect(first.interval!.low).toBeCloseTo(0.20193568295939, 9);
  expect(first.interval!.high).toBeCloseTo(0.36806431704061, 9);
  // Without a metric: all that have a value per row.
  const all = await slices(id, 'topic');
  expect(new Set(all.slices[0]!.cells.map(({ metric }) => metric))).toEqual(
    new Set(['rougeL', 'sentence_bleu', 'exact_match']),
  );
});

test('yes or no has a Wilson interval', async () => {
  const id = await makeScored('(row_id % 2)::DOUBLE');
  const [slice] = (await slices(id, 'topic', 'exact_match')).slices;
  expect(slice!.cells[0]).toMatchObject({ n: 20, value: 0.5, interval: { method: 'Wilson score' } });
  // statsmodels 0.15: proportion_confint(10, 20, method='wilson')
  expect(slice!.cells[0]!.interval!.low).toBeCloseTo(0.2992980081982124, 9);
  expect(wilson(0, 10)).toMatchObject({ low: 0, high: expect.closeTo(0.2775327998628892, 9) });
});

test('inputs are cut by their length and their language', async () => {
  const id = await makeScored('row_id / 100.0');
  const lengths = (await slices(id, '@input_length', 'rougeL')).slices;
  expect(lengths.map(({ rows }) => rows).reduce((sum, rows) => sum + rows)).toBe(60);
  expect(lengths[0]!.value).toMatch(/^up to \d+ characters$/);
  expect(lengths.length).toBeGreaterThan(2);
  const languages = (await slices(id, '@language', 'rougeL')).slices;
  expect(languages.map(({ value, rows }) => [value, rows])).toEqual([
    ['English', 45],
    ['German', 15],
  ]);
});

test('rows of one group count together, as in the comparison', async () => {
  const id = await makeScored('(row_id // 2) % 2 + 0.1 * place', { group_column: 'customer' });
  const [slice] = (await slices(id, '@language', 'rougeL')).slices;
  expect(slice!.cells[0]!.interval!.method).toMatch(/^cluster-robust t, \d+ groups$/);
  const few = await slices(id, 'topic', 'rougeL');
  expect(few.slices[0]!.cells[0]!.n).toBe(20);
});

test('the comparison can be exported whole, with the slices by every column that has few values', async () => {
  const id = await makeScored('row_id / 100.0');
  const { stream, filename } = await exportComparison(server.ctx, id);
  const exported = JSON.parse(await text(stream));
  expect(filename).toBe('Sliced-comparison.json');
  expect(exported).toMatchObject({
    experiment: { id, name: 'Sliced', primary_metric: 'rougeL' },
    status: 'done',
    comparison: null,
    recommendation: expect.objectContaining({ rule: expect.any(String) }),
  });
  expect(exported.slices.map(({ by }: { by: string }) => by)).toEqual([
    '@input_length',
    '@language',
    'topic',
    'customer',
  ]);
});

test('a column whose values are nearly all different, or that is not there, is refused', async () => {
  const id = await makeScored('0.5');
  await expect(slices(id, 'serial')).rejects.toThrow('"serial" has 60 values in 60 rows');
  await expect(slices(id, 'topics')).rejects.toThrow('did you mean "topic"?');
  await expect(slices(id, 'topic', 'bleu')).rejects.toThrow(
    'Rows of this experiment are scored by rougeL, sentence_bleu, exact_match.',
  );
});
