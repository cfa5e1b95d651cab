import { type Dataset, ExperimentConfig, ExperimentCreate } from '@touchstone/schemas';
import { describe, expect, test } from 'vitest';
import { BadInput } from '../failure.ts';
import { toExperimentCreate } from './create.ts';

const REQUEST = '11111111-1111-4111-8111-111111111111';

function dataset(...columns: string[]): Dataset {
  return {
    id: '22222222-2222-4222-8222-222222222222',
    root_id: '22222222-2222-4222-8222-222222222222',
    version: 1,
    version_count: 1,
    note: '',
    provenance: { kind: 'uploaded' },
    name: 'dialogues',
    description: '',
    filename: 'dialogues.csv',
    format: 'csv',
    size_bytes: 10,
    sha256: '0'.repeat(64),
    row_count: 3,
    columns: columns.map((name) => ({ name, blank: 0 })),
    created_at: '2025-03-02T14:05:00Z',
    experiment_count: 0,
    job_count: 0,
  };
}

function create(config: object, ...columns: string[]) {
  const parsed = ExperimentConfig.parse({
    name: 'A',
    models: ['baseline/copy'],
    dataset: { file: 'a.csv' },
    ...config,
  });
  return toExperimentCreate(parsed, dataset(...columns), REQUEST);
}

test('every part of a config reaches the server', () => {
  const config = {
    name: 'A',
    description: 'why',
    dataset: { file: 'a.csv', input: 'text', reference: 'summary' },
    task: { translation: { source: 'en', target: 'de' } },
    prompt: 'Translate {{text}}',
    system_prompt: 'You are terse.',
    models: ['baseline/lead-3', { model: 'm', base_url: 'http://127.0.0.1:9100/v1/', concurrency: 3 }],
    metrics: ['chrf'],
    primary_metric: 'chrf',
    rows: 2,
    seed: 7,
  };
  const made = create(config, 'text', 'summary');
  expect(made).toEqual({
    request_id: REQUEST,
    name: 'A',
    description: 'why',
    dataset_id: '22222222-2222-4222-8222-222222222222',
    input_column: 'text',
    reference_column: 'summary',
    task: { translation: { source: 'en', target: 'de' } },
    prompt: 'Translate {{text}}',
    system_prompt: 'You are terse.',
    models: [{ model: 'baseline/lead-3' }, { model: 'm', base_url: 'http://127.0.0.1:9100/v1', concurrency: 3 }],
    metrics: ['chrf'],
    primary_metric: 'chrf',
    rows: 2,
    seed: 7,
  });
  expect(ExperimentCreate.safeParse(made).success).toBe(true);
});

describe('the reference column', () => {
  test('is ground_truth where there is one', () => {
    expect(create({}, 'examples', 'ground_truth').reference_column).toBe('ground_truth');
  });
  test('is none where there is no such column, and then only metrics without a reference are chosen', () => {
    expect(create({}, 'examples', 'topic')).toMatchObject({
      reference_column: null,
      metrics: [{ type: 'length_words' }, { type: 'length_chars' }],
    });
  });
  test('can be switched off', () => {
    const config = { dataset: { file: 'a.csv', reference: null } };
    expect(create(config, 'examples', 'ground_truth').reference_column).toBeNull();
  });
});

test("the task's metrics are the default", () => {
  expect(create({}, 'examples', 'ground_truth').metrics).toEqual(['rouge', 'bleu', 'chrf', 'length']);
});

test.each([
  [
    { dataset: { file: 'a.csv', input: 'exmaples' } },
    'dataset.input: the dataset "dialogues" has no column "exmaples". "exmaples" is not known here: did you mean "examples"? Its columns: examples, topic.',
  ],
  [
    { dataset: { file: 'a.csv', reference: 'ground_truth' } },
    'dataset.reference: the dataset "dialogues" has no column "ground_truth".',
  ],
])('a column that is not there is told with those that are', (config, message) => {
  expect(() => create(config, 'examples', 'topic')).toThrow(
    expect.objectContaining({ message: expect.stringContaining(message) }),
  );
  expect(() => create(config, 'examples', 'topic')).toThrow(BadInput);
});
