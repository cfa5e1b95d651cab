import { ModelSettings } from '@touchstone/schemas';
import { describe, expect, test } from 'vitest';
import { checkColumns, chooseMetrics, nameWorkflows } from './rules.ts';

const model = (settings: object) => ModelSettings.parse(settings);
const endpoint = { model: 'org/m', base_url: 'http://127.0.0.1:9/v1' };

describe('checkColumns', () => {
  const experiment = {
    input_column: 'text',
    reference_column: 'label',
    prompt: '{{text}}',
    system_prompt: null,
    models: [],
  };
  const columns = ['text', 'label'];

  test('accepts what is there', () => {
    expect(() => checkColumns(columns, experiment)).not.toThrow();
  });
  test.each([
    [{ input_column: 'txt' }, /Input column.*did you mean "text"/],
    [{ reference_column: 'lable' }, /Reference column.*did you mean "label"/],
    [{ prompt: 'Say {{ tetx }}' }, /Prompt.*did you mean "text"/],
    [{ models: [model({ ...endpoint, name: 'mine', prompt: '{{nope}}' })] }, /Prompt of mine/],
  ])('%j is refused, naming the nearest', (change, message) => {
    expect(() => checkColumns(columns, { ...experiment, ...change })).toThrow(message);
  });
});

describe('chooseMetrics', () => {
  test('a group stands for its metrics, and the preset is the main one', () => {
    expect(chooseMetrics(['rouge', 'length'], true, undefined, 'rougeL')).toEqual({
      metrics: ['rouge1', 'rouge2', 'rougeL', 'rougeLsum', 'length_words', 'length_chars'].map((type) => ({
        type,
        name: type,
      })),
      primary_metric: 'rougeL',
    });
  });
  test('without references only what needs none', () => {
    expect(() => chooseMetrics(['rouge'], false, undefined, 'rougeL')).toThrow(/choose a reference column/);
    expect(chooseMetrics(['length'], false, undefined, 'rougeL').primary_metric).toBe('length_words');
  });
  test('the main metric is one of them', () => {
    expect(() => chooseMetrics(['rouge'], true, 'chrf', 'rougeL')).toThrow(/not among/);
  });
});

describe('nameWorkflows', () => {
  test('made from the model, unique', () => {
    expect(
      nameWorkflows([
        model({ model: 'baseline/copy' }),
        model(endpoint),
        model(endpoint),
        model({ ...endpoint, name: 'm 2' }),
      ]),
    ).toEqual(['copy', 'm', 'm 3', 'm 2']);
  });
  test('given twice is refused', () => {
    expect(() => nameWorkflows([model({ ...endpoint, name: 'a' }), model({ ...endpoint, name: 'a' })])).toThrow(
      /named "a"/,
    );
  });
});
