import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetHealth, DatasetHealthInput, HealthKind } from '@touchstone/schemas';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uploadText } from '../../testing/datasets.ts';
import { openTestServer, type TestServer } from '../../testing/services.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

const field = (value: string) => `"${value.replaceAll('"', '""')}"`;
const csv = (columns: string[], rows: string[][]) =>
  [columns, ...rows].map((row) => row.map(field).join(',')).join('\n');

/** Asks until it is done. */
async function lookAt(id: string, asked: Partial<DatasetHealthInput> = {}): Promise<DatasetHealth> {
  for (;;) {
    const health = await server.caller.datasets.health({
      id,
      input_column: 'text',
      reference_column: 'summary',
      ...asked,
    });
    if (health.state === 'done') return health;
  }
}
const find = ({ findings }: DatasetHealth, kind: HealthKind) => findings.filter((finding) => finding.kind === kind);

const SENTENCES = ['arrived in the morning', 'was lost on the way', 'came back from the north', 'is made of glass'];
const text = (i: number) =>
  `Parcel number ${i * 7919} ${SENTENCES[i % 4]} and ${(i * 104_729).toString(36)} people saw it.`;
const good = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => [text(from + i), `Parcel ${from + i} ${SENTENCES[i % 3]}.`]);

test('a dataset that is well has no finding', async () => {
  const { id } = await uploadText(server.ctx, csv(['text', 'summary'], good(0, 40)));
  const summary = 'No fault was found in 40 rows.';
  expect(await lookAt(id)).toEqual({ state: 'done', row_count: 40, rows_read: 40, summary, findings: [] });
});

test('finds what is planted, each with its rows, the most severe first', async () => {
  const rows = [
    ...good(0, 30),
    [text(3), 'Parcel 3 was lost on the way.'], // 30: input of row 3
    [text(5), good(5, 6)[0]![1]!], // 31: whole row 5, but for its reference: see below
    ['', 'nothing to sum up'], // 32
    ['…', 'dots'], // 33
    ['<p>It came &amp; went</p> on a long and cloudy morning', ' It came and went.'], // 34
    ['The cafÃ© was closed when the customer came for it', 'closed'], // 35
    ['The bell\u0007 rang all night because of the weather', 'A bell rang.'], // 36
    ['Same in, same out, nothing was done to it at all', 'Same in, same out, nothing was done to it at all'], // 37
    [`${'A long report that does not end. '.repeat(120)}`, 'A report.'], // 38
    ['Der Zug kam heute Morgen mit großer Verspätung aus dem Norden an', 'Zug zu spät.'], // 39
    ['Le train est arrivé ce matin avec beaucoup de retard de la ville', 'Train en retard.'], // 40
    ['שלום לכולם, הרכבת הגיעה הבוקר באיחור רב מן הצפון', 'רכבת'], // 41
    ['The quick brown parcel jumped over the lazy warehouse while it was raining there', 'Jumped.'], // 42
    ['The quick brown parcel jumped over the lazy warehouse while it was raining there!!', 'Jumped again.'], // 43
    ['Last', ''], // 44
  ];
  rows[31] = [...rows[5]!];
  const { id } = await uploadText(server.ctx, csv(['text', 'summary'], rows));
  const health = await lookAt(id, { models: ['opus-mt-en-de', 'gpt-5', 'unheard-of'] });
  const rowsOf = (kind: HealthKind, column = 'text') =>
    find(health, kind)
      .filter((finding) => finding.column === column)
      .flatMap((finding) => finding.rows);
  expect(rowsOf('blank_input')).toEqual([32]);
  expect(rowsOf('blank_reference', 'summary')).toEqual([44]);
  expect(find(health, 'duplicate_rows')).toMatchObject([
    { count: 1, share: 1 / 45, groups: [{ size: 2, rows: [5, 31], similarity: null }] },
  ]);
  expect(find(health, 'conflicting_references')).toMatchObject([{ count: 2, groups: [{ size: 2, rows: [3, 30] }] }]);
  expect(find(health, 'near_duplicates')[0]!.groups).toContainEqual({ size: 2, rows: [42, 43], similarity: 1 });
  expect(find(health, 'longer_than_context')).toMatchObject([{ severity: 'problem', rows: [38] }]);
  expect(find(health, 'longer_than_context')[0]!.summary).toContain('opus-mt-en-de');
  expect(rowsOf('reference_equals_input', 'summary')).toEqual([37]);
  expect(rowsOf('only_punctuation')).toEqual([33]);
  expect(rowsOf('markup')).toEqual([34]);
  expect(rowsOf('surrounding_white_space', 'summary')).toEqual([34]);
  expect(rowsOf('broken_characters')).toEqual([35]);
  expect(rowsOf('control_characters')).toEqual([36]);
  expect(rowsOf('very_long')).toEqual([38]);
  expect(rowsOf('very_short')).toEqual([33, 44]);
  expect(rowsOf('mixed_languages')).toEqual(expect.arrayContaining([39, 40, 41]));
  const severities = health.findings.map(({ severity }) => ['problem', 'warning', 'note'].indexOf(severity));
  expect(severities).toEqual(severities.toSorted((a, b) => a - b));
});

test('labels are counted, and their spellings told apart', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => [text(i), i % 3 === 0 ? 'spam' : i === 1 ? 'Ham' : 'ham']);
  const { id } = await uploadText(server.ctx, csv(['text', 'summary'], rows));
  const health = await lookAt(id);
  expect(find(health, 'label_spellings')).toMatchObject([{ count: 1, rows: [1] }]);
  expect(find(health, 'labels')[0]!.values).toEqual([
    { value: 'ham', count: 39 },
    { value: 'spam', count: 20 },
    { value: 'Ham', count: 1 },
  ]);
});

test('columns that are swapped are suspected', async () => {
  const { id } = await uploadText(server.ctx, csv(['text', 'summary'], good(0, 30)));
  const swapped = await lookAt(id, { input_column: 'summary', reference_column: 'text' });
  expect(find(swapped, 'reference_longer_than_input')).toMatchObject([{ severity: 'note', count: 30 }]);
});

test.each<[string, string[][], HealthKind[]]>([
  ['one row', [['A text.', 'One.']], []],
  [
    'nothing but blanks',
    [
      ['', ''],
      [' ', ' '],
      ['\n', ''],
    ],
    ['blank_input', 'blank_reference'],
  ],
  ['equal rows', Array.from({ length: 5000 }, () => ['All the same text', 'Same']), ['duplicate_rows']],
  [
    'a cell of 1 MB',
    [
      ['a '.repeat(500_000), 'x'],
      ['short text', 'y'],
    ],
    ['longer_than_context'],
  ],
  ['emoji', Array.from({ length: 40 }, (_, i) => ['😀'.repeat(10 + i), 'smile']), []],
])('%s', async (_, rows, kinds) => {
  const { id } = await uploadText(server.ctx, csv(['text', 'summary'], rows));
  const health = await lookAt(id);
  expect(health.findings.map(({ kind }) => kind)).toEqual(expect.arrayContaining(kinds));
  if (kinds.length === 0) expect(health.findings.filter(({ severity }) => severity === 'problem')).toEqual([]);
});

test('a thousand columns, without a reference', async () => {
  const columns = Array.from({ length: 1000 }, (_, i) => `column "${i}"`);
  const { id } = await uploadText(server.ctx, csv(columns, [columns, columns]));
  const health = await lookAt(id, { input_column: 'column "7"', reference_column: null });
  expect(find(health, 'duplicate_rows')).toMatchObject([{ count: 1 }]);
});

test('is kept: asked again nothing is looked at, and with the dataset it goes', async () => {
  const { id } = await uploadText(server.ctx, csv(['text', 'summary'], good(0, 25)));
  const first = await lookAt(id);
  const folder = join(server.folder, 'storage', 'datasets', id, 'health');
  expect(await readdir(folder)).toHaveLength(1);
  await server.services.storage.remove(`datasets/${id}/data.parquet`);
  expect(await lookAt(id)).toEqual(first);
  await expect(lookAt(id, { reference_column: null })).rejects.toThrow('could not be looked at');
  await server.caller.datasets.remove({ id });
  await expect(lookAt(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a column that is not there is refused by name', async () => {
  const { id } = await uploadText(server.ctx, csv(['text', 'summary'], good(0, 2)));
  await expect(lookAt(id, { input_column: 'txt' })).rejects.toThrow('did you mean "text"');
});
