import {
  type Dataset,
  describeMetric,
  type Experiment,
  ExperimentConfig,
  ExperimentCreate,
  type MetricRef,
  type PlainType,
  resolveMetrics,
  workflowNames,
} from '@touchstone/schemas';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkForm, sectionOf, unknownColumns } from './check.ts';
import { toYaml } from './config.ts';
import {
  availableRows,
  EMPTY_FORM,
  type EndpointForm,
  type ExperimentForm,
  emptyEndpoint,
  formOf,
  metricRefs,
  resolveForm,
  toggleBaseline,
  toggleMetric,
} from './form.ts';

const DATASET_ID = '0b6f1c9e-2f2a-4c36-9b7f-3f0c2a4b5d6e';
const dataset: Dataset = {
  id: DATASET_ID,
  root_id: DATASET_ID,
  version: 1,
  version_count: 1,
  note: '',
  provenance: { kind: 'uploaded' },
  name: 'dialogues',
  description: '',
  filename: 'dialogues.csv',
  format: 'csv',
  size_bytes: 1,
  sha256: '0'.repeat(64),
  row_count: 100,
  columns: [
    { name: 'id', blank: 0 },
    { name: 'examples', blank: 2 },
    { name: 'ground_truth', blank: 5 },
  ],
  created_at: '2026-11-24T00:00:00.000Z',
  experiment_count: 0,
  job_count: 0,
};

const form = (changes: Partial<ExperimentForm> = {}): ExperimentForm => ({
  ...EMPTY_FORM,
  dataset_id: DATASET_ID,
  ...changes,
});
const endpoint = (changes: Partial<EndpointForm> = {}): EndpointForm => ({
  ...emptyEndpoint('k'),
  base_url: 'http://127.0.0.1:9100/v1',
  model: 'm',
  ...changes,
});
function check(changes: Partial<ExperimentForm> = {}, data: Dataset | null = dataset) {
  const state = form(changes);
  return checkForm(state, resolveForm(state, data ?? undefined), data ?? undefined);
}

test('models added to an experiment cannot have the names of those that are there', () => {
  const state = form({ baselines: [], endpoints: [endpoint({ name: 'there' }), endpoint({ name: 'new' })] });
  const { errors, request } = checkForm(state, resolveForm(state, dataset), dataset, ['there']);
  expect(errors).toEqual({ 'models.0.name': 'Another model is named "there" too.' });
  expect(request).toBeNull();
});

describe('what was not touched follows dataset and task', () => {
  test('columns by their usual names', () => {
    const resolved = resolveForm(form(), dataset);
    expect(resolved).toMatchObject({
      input_column: 'examples',
      reference_column: 'ground_truth',
      primary_metric: 'rougeL',
    });
    expect(resolved.prompt).toContain('{{examples}}');
    expect(resolved.name).toBe('dialogues, summarization');
  });

  test('other columns: the first is the input, no reference is assumed', () => {
    const columns = [
      { name: 'text', blank: 0 },
      { name: 'gold', blank: 0 },
    ];
    const resolved = resolveForm(form(), { ...dataset, columns });
    expect(resolved).toMatchObject({ input_column: 'text', reference_column: null });
    expect(names(resolved.metrics)).toEqual(['length_words', 'length_chars']);
    expect(resolved.primary_metric).toBe('length_words');
  });

  test('the task brings prompt and metrics; what the person wrote stays', () => {
    const translation = resolveForm(form({ task: 'translation', target_language: 'fr' }), dataset);
    expect(translation.prompt).toContain('to French');
    expect(translation.primary_metric).toBe('chrf');
    expect(resolveForm(form({ task: 'translation', prompt: 'mine' }), dataset).prompt).toBe('mine');
  });

  test('a main metric that is no longer chosen falls back', () => {
    const resolved = resolveForm(
      form({ metrics: resolveMetrics(['rouge1', 'length_words']), primary_metric: 'chrf' }),
      dataset,
    );
    expect(resolved.primary_metric).toBe('rouge1');
  });
});

const names = (metrics: readonly { name: string }[]) => metrics.map(({ name }) => name);

describe('metrics', () => {
  test('groups are named once', () => {
    expect(metricRefs(resolveMetrics(['rouge', 'bleu', 'length_words']))).toEqual(['rouge', 'bleu', 'length_words']);
    expect(metricRefs(resolveMetrics(['rouge1', 'sentence_chrf']))).toEqual(['rouge1', 'sentence_chrf']);
  });

  test('corpus BLEU comes and goes with its sentence form, which may stand alone', () => {
    const toggle = (refs: MetricRef[], metric: PlainType, on: boolean) =>
      names(toggleMetric(resolveMetrics(refs), metric, on));
    expect(toggle(['rouge1'], 'bleu', true)).toEqual(['rouge1', 'bleu', 'sentence_bleu']);
    expect(toggle(['rouge1', 'bleu'], 'bleu', false)).toEqual(['rouge1']);
    expect(toggle([], 'sentence_bleu', true)).toEqual(['sentence_bleu']);
  });
});

test('baselines keep their order however they are ticked', () => {
  const ticked = toggleBaseline([{ model: 'baseline/copy' }], 'baseline/lead-3', true);
  expect(ticked.map(({ model }) => model)).toEqual(['baseline/lead-3', 'baseline/copy']);
  expect(toggleBaseline(ticked, 'baseline/copy', false)).toEqual([{ model: 'baseline/lead-3' }]);
});

describe('checkForm', () => {
  test('dataset and baselines are enough', () => {
    const { request, errors } = check();
    expect(errors).toEqual({});
    expect(ExperimentCreate.safeParse({ ...request, request_id: crypto.randomUUID() }).success).toBe(true);
  });

  test('numbers, stop texts and JSON of an endpoint arrive as such', () => {
    const { request } = check({
      baselines: [],
      endpoints: [
        endpoint({
          concurrency: '64',
          params: { ...emptyEndpoint('').params, temperature: '0', max_tokens: '128' },
          stop: 'END\n\n###',
          extra_body: '{"top_k": 40}',
        }),
      ],
    });
    expect(request?.models).toEqual([
      {
        base_url: 'http://127.0.0.1:9100/v1',
        model: 'm',
        concurrency: 64,
        params: { temperature: 0, max_tokens: 128 },
        stop: ['END', '###'],
        extra_body: { top_k: 40 },
      },
    ]);
  });

  test.each<[string, Partial<ExperimentForm>, string, RegExp]>([
    ['no dataset', { dataset_id: null }, 'dataset_id', /Choose a dataset/],
    ['no model', { baselines: [] }, 'models', /at least one model/],
    ['no metric', { metrics: [] }, 'metrics', /at least one metric/],
    ['an empty name', { name: '  ' }, 'name', /name/],
    ['an empty prompt', { prompt: '' }, 'prompt', /empty/],
    ['a column that is misspelt', { prompt: '{{exampels}}' }, 'prompt', /did you mean "examples"/],
    ['a word for a number of rows', { rows: 'many' }, 'rows', /number/],
    ['half a row', { rows: '1.5' }, 'rows', /whole number/],
    ['no rows', { rows: '0' }, 'rows', /At least 1/],
    ['more rows than there are', { rows: '96' }, 'rows', /95 rows/],
    ['no address', { endpoints: [endpoint({ base_url: '' })] }, 'models.3.base_url', /address/],
    ['a key in the address', { endpoints: [endpoint({ base_url: 'http://u:p@h/v1' })] }, 'models.3.base_url', /secret/],
    ['no model name', { endpoints: [endpoint({ model: '' })] }, 'models.3.model', /Fill this in/],
    [
      'a hot temperature',
      { endpoints: [endpoint({ params: { ...emptyEndpoint('').params, temperature: '3' } })] },
      'models.3.params.temperature',
      /At most 2/,
    ],
    ['broken JSON', { endpoints: [endpoint({ extra_body: '{' })] }, 'models.3.extra_body', /Not JSON/],
    ['JSON that is no object', { endpoints: [endpoint({ extra_body: '[1]' })] }, 'models.3.extra_body', /JSON object/],
    [
      'a reserved key',
      { endpoints: [endpoint({ extra_body: '{"model": "x"}' })] },
      'models.3.extra_body',
      /set by Touchstone/,
    ],
    [
      'an own prompt with an unknown column',
      { endpoints: [endpoint({ prompt: '{{x}}' })] },
      'models.3.prompt',
      /no column "x"/,
    ],
    [
      'one name twice',
      { endpoints: [endpoint({ name: 'a' }), endpoint({ name: 'a' })] },
      'models.4.name',
      /Another model/,
    ],
  ])('%s', (_, changes, path, message) => {
    const { request, errors } = check(changes);
    expect(request).toBeNull();
    expect(errors[path]).toMatch(message);
  });
});

test('before a dataset is chosen, that is all that is missing', () => {
  expect(check({ dataset_id: null }, null).errors).toEqual({
    dataset_id: 'Choose a dataset.',
  });
});

test('unknown columns come with the nearest', () => {
  expect(unknownColumns('{{examples}} {{ ground_thruth }} {{zzzzzzzz}}', ['examples', 'ground_truth'])).toEqual([
    { name: 'ground_thruth', nearest: 'ground_truth' },
    { name: 'zzzzzzzz', nearest: null },
  ]);
});

test('workflows are named as the server names them', () => {
  expect(
    workflowNames(['baseline/lead-3', { model: 'org/m' }, { model: 'm' }, { model: 'x', name: 'lead-3' }]),
  ).toEqual(['lead-3 2', 'm', 'm 2', 'lead-3']);
});

test('blank rows: a range, since blanks may fall together', () => {
  expect(availableRows(dataset, resolveForm(form(), dataset))).toEqual({ least: 93, most: 95 });
  expect(availableRows(dataset, resolveForm(form({ reference: 'none' }), dataset))).toEqual({ least: 98, most: 98 });
});

test('the YAML is a config that `touchstone run` accepts', () => {
  const { request } = check({
    rows: '20',
    prompt: 'Say:\n\n{{examples}} "$(x)"',
    endpoints: [endpoint({ name: 'local', secret: 'my_key' })],
  });
  const config = ExperimentConfig.parse(parse(toYaml(request!)));
  expect(config.prompt).toBe('Say:\n\n{{examples}} "$(x)"');
  expect(config.dataset).toEqual({ id: DATASET_ID, input: 'examples', reference: 'ground_truth' });
  expect(config.models.map(({ model }) => model)).toEqual([
    'baseline/lead-3',
    'baseline/lexrank',
    'baseline/copy',
    'm',
  ]);
  expect(config.rows).toBe(20);
});

test('a duplicate makes the same experiment', () => {
  const settings = {
    model: 'm',
    base_url: 'http://127.0.0.1:9100/v1',
    secret: 'my_key',
    concurrency: 64,
    timeout: 30,
    params: { temperature: 0, seed: 3, presence_penalty: 1 },
    stop: ['END'],
    extra_body: { top_k: 40 },
    prompt: 'Own {{examples}}',
    system_prompt: 'Be brief.',
  };
  const refund = { type: 'contains', name: 'refunds', text: 'refund' } as const;
  const experiment = {
    name: 'E',
    description: 'why',
    dataset: { id: DATASET_ID, name: 'dialogues', version: 1, row_count: 100 },
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: { translation: { source: 'de', target: 'fr' } },
    prompt: 'P {{examples}}',
    system_prompt: null,
    metrics: resolveMetrics(['bleu', 'length_words', refund]).map(describeMetric),
    primary_metric: 'sentence_bleu',
    seed: 7,
    repeats: 3,
    budget: { cost: 2.5, confirm_above: 1 },
    time_limit_s: 900,
    sample: { rows: 50, available: 95 },
    workflows: [
      { name: 'second', position: 1, model: settings },
      { name: 'lead-3', position: 0, model: { model: 'baseline/lead-3' } },
    ],
  } as unknown as Experiment;
  const state = formOf(experiment, () => 'key');
  const { request, errors } = checkForm(state, resolveForm(state, dataset), dataset);
  expect(errors).toEqual({});
  expect(request).toMatchObject({
    name: 'E (copy)',
    description: 'why',
    task: experiment.task,
    prompt: 'P {{examples}}',
    models: [
      { model: 'baseline/lead-3', name: 'lead-3' },
      { ...settings, name: 'second' },
    ],
    metrics: ['bleu', 'length_words', refund],
    primary_metric: 'sentence_bleu',
    rows: 50,
    seed: 7,
    repeats: 3,
    budget: { cost: 2.5, confirm_above: 1 },
    time_limit_s: 900,
  });
});

test('the time limit is in seconds, and left out where there is none', () => {
  expect(check({ time_limit: '90' }).request?.time_limit_s).toBe(90);
  expect(check({ time_limit: ' ' }).request).not.toHaveProperty('time_limit_s');
  expect(check({ time_limit: '0' }).errors).toEqual({ time_limit_s: 'At least 1.' });
  expect(check({ budget: { cost: '0', tokens: '', calls: '1.5', confirm_above: 'abc' } }).errors).toEqual({
    'budget.cost': 'More than 0.',
    'budget.calls': 'A whole number.',
    'budget.confirm_above': 'A number.',
  });
  expect(check({ time_limit: 'an hour' }).errors).toHaveProperty('time_limit_s');
});

test.each([
  ['models.3.params.temperature', 'models'],
  ['dataset_id', 'data'],
  ['system_prompt', 'prompt'],
  ['metrics', 'metrics'],
  ['seed', 'rows'],
  ['time_limit_s', 'rows'],
  ['name', 'rows'],
])('%s is in the section %s', (path, section) => {
  expect(sectionOf(path)).toBe(section);
});
