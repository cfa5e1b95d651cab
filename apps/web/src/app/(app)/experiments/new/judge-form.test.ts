import { JUDGE_PRESETS, type JudgeScale, metricRefs, resolveMetrics } from '@touchstone/schemas';
import { describe, expect, test } from 'vitest';
import { checkForm } from './check.ts';
import { EMPTY_FORM, resolveForm, toRequest } from './form.ts';
import { emptyJudge, type JudgeForm, judgeForm, judgeRef, presetOf, withPreset } from './judge-form.ts';

const judge = (changes: Partial<JudgeForm> = {}): JudgeForm => {
  const { endpoint, ...rest } = emptyJudge('k');
  return {
    ...rest,
    name: 'helpful',
    instructions: 'Does it help?',
    endpoint: { ...endpoint, base_url: 'http://127.0.0.1:9100/v1', model: 'judge-1' },
    ...changes,
  };
};
const settingsOf = (form: JudgeForm) => {
  const errors = {};
  const [settings] = resolveMetrics(metricRefs('None.').parse([judgeRef(form, 'metrics.0', errors)]));
  expect(errors).toEqual({});
  return settings as Parameters<typeof judgeForm>[0];
};

const SCALES: [Partial<JudgeForm>, JudgeScale][] = [
  [{}, { kind: 'range', low: 1, high: 5 }],
  [{ scale: 'unit' }, { kind: 'unit' }],
  [{ scale: 'yes_no' }, { kind: 'yes_no' }],
  [
    { scale: 'categories', categories: 'wrong = -1: a fact is wrong\nright = 0.5' },
    {
      kind: 'categories',
      categories: [
        { name: 'wrong', value: -1, meaning: 'a fact is wrong' },
        { name: 'right', value: 0.5 },
      ],
    },
  ],
];

describe('a judge as typed', () => {
  test.each(SCALES)('%o is read, and can be made again', (typed, scale) => {
    const form = judge(typed);
    const settings = settingsOf(form);
    expect(settings).toMatchObject({ name: 'helpful', scale, model: { model: 'judge-1', params: { temperature: 0 } } });
    expect(judgeForm(settings, 'k')).toEqual(form);
  });

  test('a line that is no category is told', () => {
    const errors: Record<string, string> = {};
    judgeRef(judge({ scale: 'categories', categories: 'wrong\nright = 1' }), 'metrics.2', errors);
    expect(errors['metrics.2.scale.categories']).toContain('"wrong": write a name');
  });

  test('a preset fills in what it says, and keeps a name that somebody gave', () => {
    expect(withPreset(judge({ name: '' }), 'g_eval_fluency')).toMatchObject({
      name: 'g_eval_fluency',
      instructions: JUDGE_PRESETS.g_eval_fluency.instructions,
      uses_input: false,
    });
    const preset = { ...judge(), ...withPreset(judge(), 'g_eval_relevance') };
    expect([preset.name, presetOf(preset), presetOf(judge())]).toEqual(['helpful', 'g_eval_relevance', '']);
  });
});

describe('in the form of an experiment', () => {
  const form = { ...EMPTY_FORM, dataset_id: '00000000-0000-4000-8000-000000000001', metrics: [] };

  test('it comes after the other metrics, and may be the main one', () => {
    const judged = { ...form, judges: [judge()], primary_metric: 'helpful' };
    const { request } = toRequest(judged, resolveForm(judged, undefined));
    expect(request).toMatchObject({ primary_metric: 'helpful', metrics: [{ type: 'judge', name: 'helpful' }] });
  });

  test('what is wrong is told at its field', () => {
    const wrong = { ...form, judges: [judge(), { ...judge({ name: '' }), endpoint: emptyJudge('k').endpoint }] };
    const { errors } = checkForm(wrong, resolveForm(wrong, undefined), undefined);
    expect(Object.keys(errors).filter((path) => path.startsWith('metrics.'))).toEqual(
      expect.arrayContaining(['metrics.1.name', 'metrics.1.model.model']),
    );
    expect(errors['metrics.0']).toBeUndefined();
  });
});
