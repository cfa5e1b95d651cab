import { describe, expect, test } from 'vitest';
import { explainError } from './common.ts';
import { JUDGE_PRESETS, JudgeScale, scaleRange, sharedFamily } from './judge.ts';
import { describeMetric, metricRefs, resolveMetrics } from './metric-settings.ts';

const model = { model: 'm', base_url: 'http://127.0.0.1:9100/v1' };
const read = (judge: Record<string, unknown>) => {
  const found = metricRefs('None.').safeParse([{ type: 'judge', model, ...judge }]);
  return found.success ? resolveMetrics(found.data)[0] : explainError(found.error);
};

describe('a judge as a person writes it', () => {
  test('a preset fills in what is left out, its name too', () => {
    const { label: _, ...fields } = JUDGE_PRESETS.g_eval_fluency;
    const scale = { kind: 'range', low: 1, high: 5 };
    const found = { type: 'judge', name: 'g_eval_fluency', model, scale, ...fields };
    expect(read({ preset: 'g_eval_fluency' })).toEqual(found);
    expect(read({ preset: 'g_eval_fluency', name: 'mine', uses_input: true })).toEqual({
      ...found,
      name: 'mine',
      uses_input: true,
    });
  });

  test('without a preset it sees the input, and no reference', () => {
    expect(read({ name: 'a', instructions: 'Good?' })).toMatchObject({ uses_input: true, uses_reference: false });
  });

  test.each([
    [{ name: 'a' }, '[0].instructions: Give instructions in plain words, or a preset.'],
    [{ preset: 'g_eval_fluent' }, 'did you mean "g_eval_fluency"?'],
    [{ name: 'a b', instructions: 'Good?' }, 'Letters, digits and _'],
    [{ name: 'rouge1', instructions: 'Good?' }, '"rouge1" is a metric of its own'],
    [{ name: 'a', instructions: 'Good?', model: { model: 'baseline/copy' } }, 'A baseline cannot judge'],
    [{ name: 'a', instructions: 'Good?', model: { model: 'hf/x/y' } }, 'A judge is called at an endpoint'],
    [{ name: 'a', instructions: 'Good?', model: { ...model, prompt: 'x' } }, 'A judge has instructions'],
  ])('%o is refused in words', (judge, message) => {
    expect(read(judge)).toContain(message);
  });
});

test('what is known of a judge is known by its settings', () => {
  const judge = { type: 'judge' as const, name: 'kind', model, instructions: 'Is it kind?\nVery.', uses_input: false };
  const known = describeMetric({ ...judge, uses_reference: true, scale: { kind: 'yes_no' } });
  expect(known).toMatchObject({
    label: 'kind',
    yes_or_no: true,
    needs_reference: true,
    needs_input: false,
    range: [0, 1],
  });
  expect(known.description).toBe('A language model scores each answer, yes or no: Is it kind?');
  const graded = describeMetric({ ...judge, uses_reference: false, scale: { kind: 'range', low: 1, high: 5 } });
  expect(graded).toMatchObject({
    yes_or_no: false,
    needs_reference: false,
    range: [1, 5],
    direction: 'higher',
    delta: 0.2,
  });
});

test.each([
  [{ kind: 'range', low: 5, high: 1 }, 'below the highest'],
  [{ kind: 'range', low: 0, high: 1000 }, 'At most 100 steps'],
  [{ kind: 'categories', categories: [{ name: 'a', value: 1 }] }, ''],
  [
    { kind: 'categories', categories: ['a', 'a'].map((name, value) => ({ name, value })) },
    'Two categories have the same name',
  ],
  [
    { kind: 'categories', categories: ['a', 'b'].map((name) => ({ name, value: 1 })) },
    'All categories have the same value',
  ],
])('the scale %o is refused', (scale, message) => {
  const found = JudgeScale.safeParse(scale);
  expect(found.error && explainError(found.error)).toContain(message);
});

test('a scale runs from its lowest to its highest value', () => {
  const categories = [2, -1, 0.5].map((value) => ({ name: String(value), value }));
  expect(scaleRange({ kind: 'categories', categories })).toEqual([-1, 2]);
  expect(scaleRange({ kind: 'range', low: 1, high: 7 })).toEqual([1, 7]);
  expect(scaleRange({ kind: 'yes_no' })).toEqual([0, 1]);
});

test.each([
  ['gpt-4o', 'openai/gpt-5-mini', 'OpenAI'],
  ['o3-mini', 'gpt-4o', 'OpenAI'],
  ['claude-sonnet-4-5', 'anthropic/claude-3.5-haiku', 'Anthropic'],
  ['meta-llama/Llama-3.3-70B-Instruct', 'deepseek-r1-distill-llama-8b', 'Meta'],
  ['deepseek-chat', 'deepseek-ai/DeepSeek-R1-Distill-Llama-8B', 'DeepSeek'],
  ['Qwen2.5:7b', 'hf/Qwen/Qwen3-0.6B', 'Qwen'],
  ['mistral-large', 'mixtral-8x7b', 'Mistral'],
  ['acme-70b', 'acme-7b', 'acme'],
  ['gpt-4o', 'claude-sonnet-4-5', null],
  ['m', 'm', 'm'],
  ['copy', 'baseline/copy', null],
])('%s and %s share %s', (judge, candidate, family) => {
  expect(sharedFamily({ model: judge }, { model: candidate })).toBe(family);
});
