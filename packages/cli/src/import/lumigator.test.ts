import { ExperimentConfig, workflowNames } from '@touchstone/schemas';
import { describe, expect, test } from 'vitest';
import { importLumigator } from './lumigator.ts';

const DATASET = '9ac42307-e0e5-4635-a9fd-48acdb77a9f3';
const PROMPT = 'You are a helpful assistant, expert in text summarization.';

/** As the web page of Lumigator sends it. */
const workflow = {
  name: 'dialogsum gpt-4o-mini',
  description: 'First try',
  experiment_id: '12',
  model: 'gpt-4o-mini',
  provider: 'openai',
  secret_key_name: 'openai_api_key',
  dataset: DATASET,
  max_samples: 10,
  batch_size: 1,
  base_url: null,
  system_prompt: PROMPT,
  inference_output_field: 'predictions',
  config_template: null,
  generation_config: { max_new_tokens: 1024, frequency_penalty: 0, temperature: 0.5, top_p: 0.5 },
  job_timeout_sec: 3600,
  task_definition: { task: 'summarization' },
  metrics: ['rouge', 'meteor', 'bertscore', 'bleu'],
};

const local = { ...workflow, name: 'local', model: 'llama3.2', provider: 'ollama', secret_key_name: null };

describe('what can be run', () => {
  test('a workflow', () => {
    const { config, notes } = importLumigator(workflow);
    expect(config).toEqual({
      name: 'dialogsum gpt-4o-mini',
      description: 'First try',
      dataset: { file: `${DATASET}.csv`, input: 'examples' },
      task: 'summarization',
      prompt: '{{examples}}',
      system_prompt: PROMPT,
      models: [
        {
          model: 'gpt-4o-mini',
          base_url: 'https://api.openai.com/v1',
          secret: 'openai_api_key',
          params: { temperature: 0.5, top_p: 0.5, max_tokens: 1024 },
        },
      ],
      metrics: ['rouge', 'meteor', 'bleu'],
      rows: 10,
      time_limit_s: 3600,
    });
    expect(notes).toEqual([
      expect.stringContaining('npx touchstone secrets set openai_api_key'),
      expect.stringContaining('a random sample of 10'),
      expect.stringContaining('The metric "bertscore" is left out.'),
      expect.stringContaining(`${DATASET}.csv`),
    ]);
  });

  test('an experiment with its workflows: one model each, what they share once', () => {
    const experiment = {
      name: 'dialogsum',
      description: '',
      dataset: DATASET,
      max_samples: -1,
      task_definition: { task: 'translation', source_language: 'en', target_language: 'de' },
    };
    const { max_samples: _, task_definition: __, system_prompt: ___, ...rest } = workflow;
    const { config } = importLumigator(
      {
        ...experiment,
        workflows: [
          { ...rest, system_prompt: 'translate en to de: ' },
          { ...rest, ...local, ...experiment, name: 'b', system_prompt: 'Other' },
        ],
      },
      { id: DATASET },
    );
    expect(config).toMatchObject({
      name: 'dialogsum',
      dataset: { id: DATASET, input: 'examples' },
      task: { translation: { source: 'en', target: 'de' } },
      models: [
        { name: 'dialogsum gpt-4o-mini', prompt: '{{examples}}', system_prompt: 'translate en to de:' },
        { name: 'b', model: 'llama3.2', system_prompt: 'Other' },
      ],
    });
    expect(config).not.toHaveProperty('rows');
    expect(config).not.toHaveProperty('prompt');
  });

  test('an inference job and the evaluation of its answers', () => {
    const inference = {
      name: 'infer',
      dataset: DATASET,
      job_config: {
        job_type: 'inference',
        model: 'mistralai/Mistral-7B-Instruct-v0.2',
        provider: 'openai',
        base_url: 'http://host.docker.internal:8000/v1/chat/completions',
        accelerator: 'auto',
        revision: 'main',
        store_to_dataset: true,
        output_field: 'predictions',
        generation_config: { temperature: 0, top_p: 1, max_new_tokens: 64, frequency_penalty: 0.5 },
      },
    };
    const evaluation = {
      name: 'evaluate',
      dataset: DATASET,
      job_config: { job_type: 'evaluator', metrics: ['token_length', 'rouge'], llm_as_judge: { model_name: 'x' } },
    };
    const { config, notes } = importLumigator([inference, evaluation]);
    expect(config).toMatchObject({
      name: 'infer',
      models: [
        {
          model: 'mistralai/Mistral-7B-Instruct-v0.2',
          base_url: 'http://127.0.0.1:8000/v1',
          params: { temperature: 0, top_p: 1, max_tokens: 64, frequency_penalty: 0.5 },
        },
      ],
      metrics: ['length_tokens', 'rouge'],
    });
    expect(config.models[0]).not.toHaveProperty('secret');
    expect(notes.join('\n')).toMatch(/"store_to_dataset" is left out/);
    expect(notes.join('\n')).toMatch(/"llm_as_judge" is left out/);
  });

  test.each([
    ['oai://gpt-4o', { model: 'gpt-4o', base_url: 'https://api.openai.com/v1' }],
    ['mistral://open-mistral-7b', { model: 'open-mistral-7b', base_url: 'https://api.mistral.ai/v1' }],
    ['llamafile://mistralai/Mistral-7B', { model: 'mistralai/Mistral-7B', base_url: 'http://127.0.0.1:8080/v1' }],
  ])('%s, as experiments were before workflows', (model, expected) => {
    const { config } = importLumigator({ name: 'old', model, dataset: DATASET, task: 'summarization', max_samples: 0 });
    expect(config.models).toEqual([expect.objectContaining(expected)]);
    expect(config).not.toHaveProperty('rows');
  });

  test('two workflows of one name', () => {
    const { models } = importLumigator([workflow, workflow]).config;
    expect(workflowNames(models)).toEqual(['dialogsum gpt-4o-mini', 'gpt-4o-mini']);
  });

  test('a model of Hugging Face, which runs on the cluster', () => {
    const bart = { ...workflow, provider: 'hf', model: 'facebook/bart-large-cnn', secret_key_name: null };
    const { config, notes } = importLumigator([
      { ...bart, accelerator: 'cuda', torch_dtype: 'float16', revision: 'main', use_fast: true, batch_size: 8 },
      local,
    ]);
    expect(config.models[0]).toEqual({
      name: 'dialogsum gpt-4o-mini',
      model: 'hf/facebook/bart-large-cnn',
      dtype: 'float16',
      device: 'gpu',
      batch_size: 8,
      generation: { max_new_tokens: 1024 },
    });
    expect(notes).toContainEqual(expect.stringContaining('npm start -- --with hf'));
    expect(notes.join()).not.toMatch(/accelerator|torch_dtype|revision/);
    const old = { ...workflow, provider: undefined, model: 'hf://google/mt0', trust_remote_code: true };
    expect(importLumigator(old).config.models).toEqual([
      { model: 'hf/google/mt0', generation: { max_new_tokens: 1024 } },
    ]);
    expect(importLumigator(old).notes).toContainEqual(expect.stringContaining('needs a commit as its revision'));
  });

  test('every config is one that `touchstone run` takes', () => {
    for (const payload of [
      workflow,
      local,
      [workflow, local],
      { ...workflow, name: 'x'.repeat(300) },
      { ...workflow, provider: 'hf' },
    ]) {
      expect(ExperimentConfig.safeParse(importLumigator(payload).config).error).toBeUndefined();
    }
  });
});

test.each([
  [
    'a provider nobody knows',
    [{ ...workflow, provider: 'acme' }, local],
    'the address of the provider "acme" is not known here',
  ],
  [
    'an address with a key in it',
    [{ ...workflow, base_url: 'http://me:key@host/v1' }, local],
    'is not an http or https address without a key',
  ],
  [
    'an address that is none',
    [{ ...workflow, base_url: 'javascript:alert(1)' }, local],
    'is not an http or https address',
  ],
  [
    'only metrics that are not here',
    { ...workflow, metrics: ['comet', 'g_eval_summarization'] },
    'None of the metrics is here',
  ],
  ['no sampling settings', { ...workflow, generation_config: undefined }, 'temperature 0.5, top_p 0.5'],
  ['no system prompt', { ...workflow, system_prompt: '' }, 'Touchstone’s prompt for the task'],
  ['braces in the system prompt', { ...workflow, system_prompt: 'Fill {{this}}' }, 'stands for a column'],
  ['a field of nobody', { ...workflow, constructor: 1 }, '"constructor" is left out'],
  [
    'where the model was to run',
    { ...workflow, accelerator: 'cuda' },
    '"accelerator" is left out: the endpoint decides',
  ],
  ['a provider with an address for each account', [{ ...workflow, provider: 'azure' }, local], 'the provider "azure"'],
])('%s is noted', (_, payload, expected) => {
  const { config, notes } = importLumigator(payload);
  expect(notes).toContainEqual(expect.stringContaining(expected));
  expect(config.models).toHaveLength(1);
});

test.each([
  ['nothing', null, 'no request to Lumigator'],
  ['a text', 'hello', 'no request to Lumigator'],
  ['an empty list', [], 'The list is empty.'],
  ['a list with something else in it', [workflow, 5], 'Request 2: This is no request'],
  ['too many', Array.from({ length: 51 }, () => workflow), 'at most 50 models'],
  [
    'an experiment without workflows',
    { name: 'e', dataset: DATASET },
    'add the workflows of the experiment as "workflows"',
  ],
  ['only an annotation', { name: 'a', job_config: { job_type: 'annotate' } }, 'An annotation job is left out'],
  ['a model that is a number', { ...workflow, model: 5 }, 'model: '],
  ['metrics that are a text', { ...workflow, metrics: 'rouge' }, 'metrics: '],
  [
    'a temperature out of range',
    { ...workflow, generation_config: { temperature: 9 } },
    'models[0].params.temperature: ',
  ],
  ['another task', { ...workflow, task_definition: { task: 'classification' } }, 'task: Known tasks: '],
  [
    'a translation without languages',
    { ...workflow, task_definition: { task: 'translation' } },
    '"source_language" and "target_language"',
  ],
  ['two datasets', [workflow, { ...local, dataset: '1' }], 'differ in dataset'],
  ['two samples', [workflow, { ...local, max_samples: 7 }], 'differ in max_samples'],
])('%s is refused', (_, payload, message) => {
  expect(() => importLumigator(payload)).toThrow(
    expect.objectContaining({ message: expect.stringContaining(message) }),
  );
});

test('what a request calls things ends in no prototype', () => {
  const payload: unknown = JSON.parse(
    `{"__proto__": {"model": "evil"}, "name": "n", "model": "m", "base_url": "http://127.0.0.1:9/v1"}`,
  );
  expect(importLumigator(payload).config.models).toMatchObject([{ model: 'm' }]);
  expect({}).not.toHaveProperty('model');
});
