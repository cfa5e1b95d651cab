import { describeMetric, type Experiment, type PlainType } from '@touchstone/schemas';
import { describe, expect, test } from 'vitest';
import { baseText, bestInRow, nextSort, readRowsState, rowMetrics } from './rows-state.ts';

const metric = (type: PlainType) => describeMetric({ type, name: type });

const experiment = {
  metrics: [metric('rouge1'), metric('rougeL'), metric('bleu'), metric('sentence_bleu')],
  primary_metric: 'rougeL',
  reference_column: 'answer',
  workflows: [
    { id: 'w1', metrics: { rougeL: { value: 0.2 }, rouge1: { value: 0.4 } } },
    { id: 'w2', metrics: { rougeL: { value: 0.3 }, rouge1: { value: 0.3 } } },
    { id: 'w3', metrics: {} },
  ],
} as unknown as Experiment;

test('metrics per row: the main one first, or the sentence form of a corpus metric', () => {
  const names = (primary_metric: string) => rowMetrics({ ...experiment, primary_metric }).map(({ name }) => name);
  expect(names('rougeL')).toEqual(['rougeL', 'rouge1', 'sentence_bleu']);
  expect(names('bleu')).toEqual(['sentence_bleu', 'rouge1', 'rougeL']);
});

describe('readRowsState', () => {
  const read = (query: string) => readRowsState(new URLSearchParams(query), experiment);

  test('an empty URL is the first page of all rows', () => {
    expect(read('')).toEqual({
      filter: 'all',
      search: '',
      offset: 0,
      sort: undefined,
      metric: metric('rougeL'),
      pair: { a: 'w2', b: 'w1', metric: 'rougeL' },
      against: null,
      open: null,
    });
  });

  test('reads what is there', () => {
    expect(
      read('filter=failed&q=tea&offset=50&sort_rows=w2.rouge1.asc&metric=rouge1&row=12&pair=w3.w1&against=w1'),
    ).toEqual({
      filter: 'failed',
      search: 'tea',
      offset: 50,
      sort: { workflow_id: 'w2', metric: 'rouge1', descending: false },
      metric: metric('rouge1'),
      pair: { a: 'w3', b: 'w1', metric: 'rouge1' },
      against: 'w1',
      open: 12,
    });
  });

  test('leaves out what the experiment does not have', () => {
    expect(read('filter=odd&offset=-3&sort_rows=w9.rouge1.desc&metric=chrf&row=x')).toEqual(read(''));
    expect(read('sort_rows=w1.nonsense.desc').sort).toBeUndefined();
    expect(read('pair=w1.w9&against=w9')).toEqual(read(''));
    expect(read('pair=w1.w1').pair).toEqual(read('').pair);
    const alone = { ...experiment, workflows: experiment.workflows.slice(0, 1), reference_column: null };
    const params = new URLSearchParams('filter=a_better&against=reference');
    expect(readRowsState(params, alone)).toMatchObject({ filter: 'all', pair: null, against: null });
  });
});

test('answers are compared with the reference, or with the answer of another model where it has one', () => {
  const row = {
    reference: 'r',
    cells: [
      { workflow_id: 'w1', prediction: 'p' },
      { workflow_id: 'w2', prediction: null },
    ],
  };
  const base = (against: string | null) => baseText(row as never, against);
  expect(['reference', 'w1', 'w2', null].map(base)).toEqual(['r', 'p', null, null]);
});

test('clicks on one column: highest first, lowest first, back', () => {
  const first = nextSort(undefined, 'w1', 'rougeL');
  expect(first).toBe('w1.rougeL.desc');
  expect(nextSort({ workflow_id: 'w1', metric: 'rougeL', descending: true }, 'w1', 'rougeL')).toBe('w1.rougeL.asc');
  expect(nextSort({ workflow_id: 'w1', metric: 'rougeL', descending: false }, 'w1', 'rougeL')).toBeNull();
  expect(nextSort({ workflow_id: 'w1', metric: 'rougeL', descending: true }, 'w2', 'rougeL')).toBe('w2.rougeL.desc');
});

describe('bestInRow', () => {
  const cells = (...values: (number | undefined)[]) =>
    values.map((value, index) => ({ workflow_id: `w${index}`, metrics: value === undefined ? {} : { rougeL: value } }));

  test.each([
    ['the highest', cells(0.1, 0.3, 0.2), ['w1']],
    ['two that share it', cells(0.3, 0.3, 0.2), ['w0', 'w1']],
    ['nobody where all are the same', cells(0.3, 0.3), []],
    ['nobody where one alone is scored', cells(0.3, undefined), []],
    ['nobody where none is', cells(undefined, undefined), []],
  ] as const)('%s', (_, row, best) => {
    expect([...bestInRow(row, metric('rougeL'))]).toEqual(best);
  });

  test('length has no best', () => {
    expect(bestInRow([{ workflow_id: 'a', metrics: { length_words: 3 } }], metric('length_words')).size).toBe(0);
  });
});
