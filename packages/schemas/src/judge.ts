/** A judge: a language model that scores answers by instructions in words. */
import { z } from 'zod';
import { object, oneOf } from './common.ts';
import { isLocalModel } from './local-model.ts';
import type { MetricInfo } from './metric.ts';
import { isBaseline, ModelSettings } from './model.ts';

const Category = object({
  name: z.string().trim().min(1, 'Give the category a name.').max(60),
  /** What it counts: the mean of the rows is shown. */
  value: z.number(),
  /** For the judge: when an answer belongs here. */
  meaning: z.string().trim().min(1).max(500).nullish(),
});

/** Whole numbers that a scale may have: each is named to the endpoint. */
const MAX_STEPS = 100;

/** The scores that a judge may give; the highest is the best. */
export const JudgeScale = z
  .discriminatedUnion('kind', [
    object({ kind: z.literal('range'), low: z.int(), high: z.int() }),
    /** Any number from 0 to 1. */
    object({ kind: z.literal('unit') }),
    object({ kind: z.literal('yes_no') }),
    object({ kind: z.literal('categories'), categories: z.array(Category).min(2).max(20) }),
  ])
  .superRefine((scale, context) => {
    const fail = (message: string) => context.addIssue({ code: 'custom', message });
    if (scale.kind === 'range' && scale.low >= scale.high) fail('The lowest score has to be below the highest.');
    if (scale.kind === 'range' && scale.high - scale.low > MAX_STEPS) fail(`At most ${MAX_STEPS} steps: use 0 to 1.`);
    if (scale.kind === 'categories') {
      const names = scale.categories.map(({ name }) => name);
      if (new Set(names).size < names.length) fail('Two categories have the same name.');
      if (new Set(scale.categories.map(({ value }) => value)).size < 2) fail('All categories have the same value.');
    }
  });
export type JudgeScale = z.infer<typeof JudgeScale>;

/** How the model that judges is reached: as any model of an endpoint. What it is asked is made of the instructions. */
export const JudgeModel = ModelSettings.superRefine((model, context) => {
  const fail = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (isBaseline(model.model)) fail('model', 'A baseline cannot judge: name a model of an endpoint.');
  if (isLocalModel(model)) {
    fail('model', 'A judge is called at an endpoint: serve the model with vLLM, Ollama or llamafile, and name that.');
  }
  for (const key of ['prompt', 'system_prompt'] as const) {
    if (model[key] !== undefined) fail(key, 'A judge has instructions in its place.');
  }
});

export type JudgeModel = z.input<typeof JudgeModel>;

/** What a judge has besides its name. */
export const JUDGE_SETTINGS = {
  model: JudgeModel,
  instructions: z
    .string()
    .trim()
    .min(1, 'Say in plain words what makes an answer good.')
    .max(20_000, 'At most 20,000 characters.'),
  scale: JudgeScale.default({ kind: 'range', low: 1, high: 5 }),
  /** Whether it sees what the answer was written for. */
  uses_input: z.boolean().default(true),
  /** Whether it sees the reference; rows without one are then not judged. */
  uses_reference: z.boolean().default(false),
} satisfies z.ZodRawShape;

type Told = { instructions: string; scale: JudgeScale; uses_input: boolean; uses_reference: boolean };

type Preset = { label: string; uses_input: boolean; uses_reference: boolean; instructions: string };

const steps = (what: string, ...lines: string[]) =>
  [what, '', ...lines.map((line, i) => `${i + 1}. ${line}`), '', 'Use the whole scale.'].join('\n');

/**
 * The dimensions of SummEval (Fabbri et al. 2021) as G-Eval (Liu et al. 2023) asks for them, with the steps of judging spelled out, in
 * words of our own; and the two that translations are judged by.
 */
export const JUDGE_PRESETS = {
  g_eval_coherence: {
    label: 'G-Eval coherence',
    uses_input: true,
    uses_reference: false,
    instructions: steps(
      'Coherence: whether the sentences of the summary make up a whole. A good one is built up from sentence to sentence; it is not a heap of related facts.',
      'Read the input and find its subject and main points.',
      'Read the answer, a summary of it. See whether it takes up the main points in an order that a reader can follow.',
      'Score its structure alone: neither style nor completeness.',
    ),
  },
  g_eval_consistency: {
    label: 'G-Eval consistency',
    uses_input: true,
    uses_reference: false,
    instructions: steps(
      'Consistency: whether the summary says only what the input says.',
      'Read the input and note its facts.',
      'Go through the answer, a summary of it, statement by statement. Look for each in the input: what is contradicted there, or not there at all, counts against it.',
      'Score how well it keeps to the facts: what it leaves out does not matter.',
    ),
  },
  g_eval_fluency: {
    label: 'G-Eval fluency',
    uses_input: false,
    uses_reference: false,
    instructions: steps(
      'Fluency: whether the language of the text is right and easy to read.',
      'Read the answer and look for errors of grammar, spelling, punctuation and choice of words, and for broken or clumsy sentences.',
      'Score the language alone: whether it is true does not matter.',
    ),
  },
  g_eval_relevance: {
    label: 'G-Eval relevance',
    uses_input: true,
    uses_reference: false,
    instructions: steps(
      'Relevance: whether the summary has what matters in the input, and nothing besides.',
      'Read the input and choose its most important points.',
      'See which of them the answer, a summary of it, has. Repetition and what does not matter count against it.',
      'Score the choice of content alone: neither style nor order.',
    ),
  },
  g_eval_translation_consistency: {
    label: 'G-Eval translation consistency',
    uses_input: true,
    uses_reference: false,
    instructions: steps(
      'Consistency: whether the translation says what the input says, no more and no less.',
      'Read the input and the answer, its translation, sentence by sentence.',
      'Look for what was left out, added or changed in meaning, names, numbers and negations first.',
      'Score the meaning alone. Where a reference is given, it is one of several good translations.',
    ),
  },
  g_eval_translation_fluency: {
    label: 'G-Eval translation fluency',
    uses_input: false,
    uses_reference: false,
    instructions: steps(
      'Fluency: whether the translation reads as if somebody had written it in its language.',
      'Read the answer, a translation, and look for errors of grammar, spelling and choice of words, and for phrases that are copied from another language.',
      'Score the language alone. Where a reference is given, it is one of several good translations.',
    ),
  },
} as const satisfies Record<string, Preset>;
export type JudgePreset = keyof typeof JUDGE_PRESETS;
const JUDGE_PRESET_NAMES = Object.keys(JUDGE_PRESETS) as [JudgePreset, ...JudgePreset[]];

/** The smallest difference worth acting on, as a part of the scale: judges are too coarse for less. */
const DELTA = 0.05;

/** What is known of a judge by its settings. */
export function judgeInfo({
  name,
  instructions,
  scale,
  uses_input,
  uses_reference,
}: Told & { name: string }): Partial<MetricInfo> {
  const range = scaleRange(scale);
  const first = instructions.split('\n', 1)[0]!;
  return {
    label: name,
    needs_reference: uses_reference,
    needs_input: uses_input,
    yes_or_no: scale.kind === 'yes_no',
    range,
    delta: (range[1] - range[0]) * DELTA,
    description: `A language model scores each answer, ${describeScale(scale)}: ${first.length > 200 ? `${first.slice(0, 199)}…` : first}`,
  };
}

/** As a person writes it: a preset says what is left out. */
export const JUDGE_REQUEST = {
  ...JUDGE_SETTINGS,
  preset: oneOf(JUDGE_PRESET_NAMES).optional(),
  instructions: JUDGE_SETTINGS.instructions.optional(),
  uses_input: z.boolean().optional(),
  uses_reference: z.boolean().optional(),
};

type Asked = { preset?: JudgePreset | undefined };
type Filled<R extends Asked> = Omit<R, 'preset'> & Partial<Omit<Preset, 'label'> & { name: string }>;

/** A judge with what its preset says where nothing is said. */
export function fillPreset<R extends Asked>({ preset, ...judge }: R): Filled<R> {
  if (preset === undefined) return judge as Filled<R>;
  const { label: _, ...fields } = JUDGE_PRESETS[preset];
  const said = Object.fromEntries(Object.entries(judge).filter(([, value]) => value !== undefined));
  return { name: preset, ...fields, ...said } as Filled<R>;
}

/** Lowest and highest score. */
export function scaleRange(scale: JudgeScale): [number, number] {
  if (scale.kind === 'range') return [scale.low, scale.high];
  if (scale.kind !== 'categories') return [0, 1];
  const values = scale.categories.map(({ value }) => value);
  return [Math.min(...values), Math.max(...values)];
}

/** `1 to 5`, `yes or no`. */
export function describeScale(scale: JudgeScale): string {
  if (scale.kind === 'yes_no') return 'yes or no';
  if (scale.kind === 'categories') return scale.categories.map(({ name, value }) => `${name} = ${value}`).join(', ');
  return scaleRange(scale).join(' to ');
}

/** Who made a model, by words of its name. */
const FAMILIES: Record<string, RegExp> = {
  OpenAI: /^(gpt|chatgpt|o\d|davinci|codex)/,
  Anthropic: /^claude/,
  Google: /^(gemini|gemma|palm|t5|flan)/,
  Meta: /^(llama|codellama|opt|bart)/,
  Mistral: /^(mi(s|x|ni)tral|magistral|codestral|devstral|pixtral|zephyr)/,
  Qwen: /^(qwen|qwq)/,
  DeepSeek: /^deepseek/,
  Microsoft: /^(phi|wizardlm)/,
  Cohere: /^(command|c4ai|aya)/,
  xAI: /^grok/,
  Amazon: /^(nova|titan)/,
  IBM: /^granite/,
  NVIDIA: /^nemotron/,
  Ai2: /^(olmo|tulu)/,
  'Hugging Face': /^smollm/,
  Zhipu: /^(glm|chatglm)/,
  Moonshot: /^(kimi|moonshot)/,
};

const wordsOf = (model: string) =>
  model
    .toLowerCase()
    .split('/')
    .at(-1)!
    .split(/[^a-z0-9.]+/);

/** Families that a model belongs to: a distilled one to two. */
function familiesOf(model: string): string[] {
  const words = wordsOf(model);
  return Object.entries(FAMILIES).flatMap(([family, pattern]) =>
    words.some((word) => pattern.test(word)) ? [family] : [],
  );
}

/** The family that a judge and a candidate share, by their names; null: none that shows. Judges favour answers that are like their own. */
export function sharedFamily(judge: { model: string }, candidate: { model: string }): string | null {
  if (isBaseline(candidate.model)) return null;
  if (judge.model === candidate.model) return judge.model;
  const families = familiesOf(candidate.model);
  const shared = familiesOf(judge.model).find((family) => families.includes(family));
  if (shared) return shared;
  const [first = '', other] = [wordsOf(judge.model)[0], wordsOf(candidate.model)[0]];
  return first.length > 2 && first === other ? first : null;
}
