import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Dataset } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweep } from '../reconciler/sweep.ts';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';
import { openDatasetSource } from './download.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

const experimentOn = (dataset: Dataset, name: string) =>
  server.caller.experiments.create({
    request_id: randomUUID(),
    name,
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization',
    models: ['baseline/copy'],
    metrics: ['rouge'],
  });

function edit(dataset: Dataset, ...cells: [row_id: number, column: string, value: string][]) {
  return server.caller.datasets.edit({
    request_id: randomUUID(),
    id: dataset.id,
    changes: cells.map(([row_id, column, value]) => ({ row_id, column, value })),
    note: 'mended',
  });
}

test('an edit is a new version; the old one stays as it is', async () => {
  const first = await uploadText(server.ctx, 'a,b\n1,x\n2,\n3,z\n', 'edited.csv');
  const second = await edit(first, [1, 'b', ' "new",\nline '], [0, 'a', ''], [2, 'a', '3']);
  expect(second).toMatchObject({
    root_id: first.root_id,
    version: 2,
    version_count: 2,
    name: 'edited',
    note: 'mended',
    format: null,
    row_count: 3,
    columns: [
      { name: 'a', blank: 1 },
      { name: 'b', blank: 0 },
    ],
    // The third change gives the value that is there.
    provenance: { kind: 'edited', dataset_id: first.id, version: 1, changed_cells: 2 },
  });
  const values = async (id: string) => (await server.caller.datasets.preview({ id })).rows.map((row) => row.values);
  expect(await values(second.id)).toEqual([
    ['', 'x'],
    ['2', ' "new",\nline '],
    ['3', 'z'],
  ]);
  expect(await values(first.id)).toEqual([
    ['1', 'x'],
    ['2', ''],
    ['3', 'z'],
  ]);
  const { filename, stream } = await openDatasetSource(server.ctx, second.id);
  expect([filename, await text(stream)]).toEqual(['edited.csv', 'a,b\r\n,x\r\n2," ""new"",\nline "\r\n3,z\r\n']);

  const third = await edit(first, [2, 'b', 'zz']);
  expect(third.version).toBe(3);
  expect(await server.caller.datasets.versions({ id: first.id })).toMatchObject([
    { id: third.id, version: 3, provenance: { version: 1 } },
    { id: second.id, version: 2 },
    { id: first.id, version: 1, provenance: { kind: 'uploaded' } },
  ]);
  const listed = (await server.caller.datasets.list({ search: 'edited' })).items;
  expect(listed.map(({ id, version_count }) => [id, version_count])).toEqual([[third.id, 3]]);

  const diff = await server.caller.datasets.diff({ id: third.id, base_id: second.id });
  expect(diff).toEqual({
    changed_rows: 3,
    changed_cells: 3,
    columns: [
      { name: 'a', changed: 1 },
      { name: 'b', changed: 2 },
    ],
    rows: [
      { row_id: 0, cells: [{ column: 'a', before: '', after: '1' }] },
      { row_id: 1, cells: [{ column: 'b', before: ' "new",\nline ', after: '' }] },
      { row_id: 2, cells: [{ column: 'b', before: 'z', after: 'zz' }] },
    ],
  });
  const page = await server.caller.datasets.diff({ id: third.id, base_id: second.id, offset: 1, limit: 1 });
  expect(page.rows.map(({ row_id }) => row_id)).toEqual([1]);
});

test('an edit of rows in many row groups keeps all the others, in order', async () => {
  const count = 250_000;
  const source = `a,b\n${Array.from({ length: count }, (_, i) => `${i},x${i}`).join('\n')}\n`;
  const first = await uploadText(server.ctx, source, 'long.csv');
  const second = await edit(first, [0, 'a', 'A'], [123_456, 'b', 'B'], [count - 1, 'a', 'Z']);
  const diff = await server.caller.datasets.diff({ id: second.id, base_id: first.id });
  expect(diff).toMatchObject({ changed_rows: 3, changed_cells: 3 });
  expect(diff.rows.map(({ row_id }) => row_id)).toEqual([0, 123_456, count - 1]);
  const { rows } = await server.caller.datasets.preview({ id: second.id, offset: 123_455, limit: 3 });
  expect(rows.map(({ values }) => values)).toEqual([
    ['123455', 'x123455'],
    ['123456', 'B'],
    ['123457', 'x123457'],
  ]);
}, 60_000);

test('the same request again is the same version; others at once get numbers of their own', async () => {
  const first = await uploadText(server.ctx, 'a\n1\n', 'twice.csv');
  const input = { request_id: randomUUID(), id: first.id, changes: [{ row_id: 0, column: 'a', value: '2' }] };
  const [one, two, other] = await Promise.all([
    server.caller.datasets.edit(input),
    server.caller.datasets.edit(input),
    edit(first, [0, 'a', '3']),
  ]);
  expect(one.id).toBe(two.id);
  expect([one.version, other.version].toSorted((a, b) => a - b)).toEqual([2, 3]);
  expect(await server.services.db.dataset.count({ where: { status: 'uploading' } })).toBe(0);
  const stored = (await Array.fromAsync(server.services.storage.list('datasets/'))).map(({ key }) => key.split('/')[1]);
  const known = (await server.services.db.dataset.findMany()).map(({ id }) => id);
  expect(stored.filter((id) => !known.includes(id!))).toEqual([]);
});

test.each<[string, [number, string, string][], RegExp]>([
  ['a column that is not there', [[0, 'z', '']], /no column "z"/],
  ['a row that is not there', [[2, 'a', '']], /no row 2: the last of this dataset is 1/],
  [
    'a cell twice',
    [
      [0, 'a', '5'],
      [0, 'a', '6'],
    ],
    /Row 0, column "a" is changed twice/,
  ],
  ['no difference', [[0, 'a', '1']], /Nothing differs/],
  ['a NUL', [[0, 'a', 'x\0']], /NUL/],
])('an edit with %s is refused, and nothing is kept', async (_, cells, message) => {
  const dataset = await uploadText(server.ctx, 'a\n1\n2\n');
  const before = await server.services.db.dataset.count();
  await expect(edit(dataset, ...cells)).rejects.toMatchObject({ message: expect.stringMatching(message) });
  expect(await server.services.db.dataset.count()).toBe(before);
});

test('name and description are those of every version', async () => {
  const first = await uploadText(server.ctx, 'a\n1\n', 'before.csv');
  const second = await edit(first, [0, 'a', '2']);
  await server.caller.datasets.update({ id: second.id, name: 'after', description: 'what it is' });
  await server.caller.datasets.update({ id: second.id, name: 'after that' });
  expect(await server.caller.datasets.get({ id: first.id })).toMatchObject({
    name: 'after that',
    description: 'what it is',
  });
});

test('an experiment stays with its version, which stays as long as it does', async () => {
  const first = await uploadText(server.ctx, makeRows(3), 'pinned.csv');
  const experiment = await experimentOn(first, 'On v1');
  const second = await edit(first, [0, 'examples', 'Something else.']);
  expect((await server.caller.experiments.get({ id: experiment.id })).dataset).toMatchObject({
    id: first.id,
    version: 1,
  });
  const conflict = { code: 'CONFLICT', message: expect.stringMatching(/"pinned" \(v1\) is used by "On v1"/) };
  await expect(server.caller.datasets.remove({ id: first.id })).rejects.toMatchObject(conflict);
  await expect(server.caller.datasets.remove({ id: second.id, all_versions: true })).rejects.toMatchObject(conflict);
  await server.caller.datasets.remove({ id: second.id });
  expect((await server.caller.datasets.versions({ id: first.id })).map(({ version }) => version)).toEqual([1]);
  // The number of a version that was deleted is not given again, nor when nothing of it is left.
  expect((await edit(first, [0, 'examples', 'Again.'])).version).toBe(3);
  const fourth = await edit(first, [0, 'examples', 'And again.']);
  await server.caller.datasets.remove({ id: fourth.id });
  await sweep(server.services);
  expect(await server.services.db.dataset.findUnique({ where: { id: fourth.id } })).toBeNull();
  expect((await edit(first, [0, 'examples', 'Once more.'])).version).toBe(5);

  await server.caller.experiments.remove({ id: experiment.id, force: true });
  await server.caller.datasets.remove({ id: first.id, all_versions: true });
  await expect(server.caller.datasets.get({ id: first.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await server.services.db.experiment.deleteMany({ where: { id: experiment.id } });
  await sweep(server.services);
  expect(await server.services.db.dataset.count({ where: { root_id: first.root_id } })).toBe(0);
  expect(await server.services.storage.stat(keys.datasetData(second.id))).toBeNull();
});

test('the answers of a workflow become a dataset', async () => {
  const source = await uploadText(server.ctx, makeRows(4), 'answered.csv');
  const experiment = await experimentOn(source, 'Answers');
  const workflow = experiment.workflows[0]!;
  const job_id = workflow.jobs[0]!.id;
  const input = { request_id: randomUUID(), workflow_id: workflow.id, name: 'Saved answers' };
  await expect(server.caller.datasets.create_from_workflow(input)).rejects.toMatchObject({ code: 'CONFLICT' });

  const line = (row_id: number, prediction: string | null) => ({
    row_id,
    attempt: 1,
    finished_at: 1,
    prediction,
    error: prediction === null ? { code: 'timeout', message: 'late' } : null,
    finish_reason: null,
    latency_ms: 1,
    prompt_tokens: null,
    completion_tokens: null,
    cost: null,
    calls: 1,
  });
  const journal = [line(2, 'Two, "quoted"'), line(0, 'Zero'), line(1, null)]
    .map((row) => JSON.stringify(row))
    .join('\n');
  await server.services.storage.write(`${keys.jobJournalPrefix(job_id)}1-${randomUUID()}-0.jsonl`, `${journal}\n`);
  await server.services.db.workflow.update({ where: { id: workflow.id }, data: { status: 'partial' } });

  const dataset = await server.caller.datasets.create_from_workflow(input);
  expect(dataset).toMatchObject({
    name: 'Saved answers',
    filename: 'Saved-answers.csv',
    version: 1,
    format: null,
    row_count: 4,
    columns: [
      { name: 'examples', blank: 0 },
      { name: 'ground_truth', blank: 0 },
      { name: 'prediction', blank: 2 },
    ],
    provenance: {
      kind: 'generated',
      dataset_id: source.id,
      experiment_id: experiment.id,
      experiment: 'Answers',
      workflow_id: workflow.id,
      workflow: workflow.name,
      model: 'baseline/copy',
      job_id,
    },
  });
  const { rows } = await server.caller.datasets.preview({ id: dataset.id });
  expect(rows.map(({ values }) => values.slice(1))).toEqual([
    ['Item 0 came.', 'Zero'],
    ['Item 1 came.', ''],
    ['Item 2 came.', 'Two, "quoted"'],
    ['Item 3 came.', ''],
  ]);
  expect((await server.caller.datasets.create_from_workflow(input)).id).toBe(dataset.id);
  await expect(
    server.caller.datasets.create_from_workflow({ ...input, request_id: randomUUID(), workflow_id: randomUUID() }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
