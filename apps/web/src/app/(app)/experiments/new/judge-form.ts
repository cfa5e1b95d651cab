/** A judge as typed in the form: every field a text, empty where it is left out. */
import {
  JUDGE_PRESETS,
  type JudgePreset,
  type JudgeScale,
  type JudgeSettings,
  type ModelRef,
} from '@touchstone/schemas';
import { type EndpointForm, emptyEndpoint, endpointForm, endpointSettings, type TextErrors } from './form.ts';

export type JudgeForm = {
  /** Of the card on the page. */
  key: string;
  name: string;
  instructions: string;
  scale: JudgeScale['kind'];
  /** Of a range. */
  low: string;
  high: string;
  /** One a line: `wrong = 0`, or with what it means: `wrong = 0: a fact is wrong`. */
  categories: string;
  uses_input: boolean;
  uses_reference: boolean;
  endpoint: EndpointForm;
};

/** A verdict is short, and the same answer should get the same one. */
const PARAMS = { temperature: '0', max_tokens: '1024' };

export function emptyJudge(key: string): JudgeForm {
  const endpoint = emptyEndpoint(key);
  return {
    key,
    name: '',
    instructions: '',
    scale: 'range',
    low: '1',
    high: '5',
    categories: '',
    uses_input: true,
    uses_reference: false,
    endpoint: { ...endpoint, params: { ...endpoint.params, ...PARAMS } },
  };
}

/** What a preset fills in; a name that a person gave stays. */
export function withPreset(judge: JudgeForm, preset: JudgePreset): Partial<JudgeForm> {
  const { instructions, uses_input, uses_reference } = JUDGE_PRESETS[preset];
  const isOwnName = judge.name !== '' && !(judge.name in JUDGE_PRESETS);
  return {
    name: isOwnName ? judge.name : preset,
    instructions,
    uses_input,
    uses_reference,
    scale: 'range',
    low: '1',
    high: '5',
  };
}

export function presetOf({ instructions }: Pick<JudgeForm, 'instructions'>): JudgePreset | '' {
  const found = Object.entries(JUDGE_PRESETS).find(([, preset]) => preset.instructions === instructions);
  return (found?.[0] as JudgePreset | undefined) ?? '';
}

const CATEGORY = /^\s*(?<name>[^=]+?)\s*=\s*(?<value>-?\d+(?:\.\d+)?)\s*(?::\s*(?<meaning>.*\S))?\s*$/;

function readScale(judge: JudgeForm, path: string, errors: TextErrors): JudgeScale {
  if (judge.scale === 'range') return { kind: 'range', low: Number(judge.low), high: Number(judge.high) };
  if (judge.scale !== 'categories') return { kind: judge.scale };
  const lines = judge.categories.split('\n').filter((line) => line.trim() !== '');
  const categories = lines.flatMap((line) => {
    const found = CATEGORY.exec(line)?.groups;
    if (found) {
      const { name, value, meaning } = found;
      return [{ name: name!, value: Number(value), ...(meaning && { meaning }) }];
    }
    errors[`${path}.scale.categories`] = `"${line.trim()}": write a name, = and a number, such as "wrong = 0".`;
    return [];
  });
  return { kind: 'categories', categories };
}

/** As the API takes it, not yet checked. `path`: where it stands in the request. */
export function judgeRef(judge: JudgeForm, path: string, errors: TextErrors) {
  return {
    type: 'judge' as const,
    name: judge.name.trim(),
    model: endpointSettings(judge.endpoint, `${path}.model`, errors) as Exclude<ModelRef, string>,
    instructions: judge.instructions,
    scale: readScale(judge, path, errors),
    uses_input: judge.uses_input,
    uses_reference: judge.uses_reference,
  };
}

/** The form that would make this judge again. */
export function judgeForm(
  { name, model, instructions, scale, uses_input, uses_reference }: JudgeSettings,
  key: string,
): JudgeForm {
  const categories = scale.kind === 'categories' ? scale.categories : [];
  return {
    ...emptyJudge(key),
    name,
    instructions,
    scale: scale.kind,
    ...(scale.kind === 'range' && { low: String(scale.low), high: String(scale.high) }),
    categories: categories
      .map((category) => `${category.name} = ${category.value}${category.meaning ? `: ${category.meaning}` : ''}`)
      .join('\n'),
    uses_input,
    uses_reference,
    endpoint: endpointForm(model, key),
  };
}
