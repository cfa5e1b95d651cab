import { z } from 'zod';
import { Count, object, oneOf } from './common.ts';

export const METRIC_TYPES = [
  'rouge1',
  'rouge2',
  'rougeL',
  'rougeLsum',
  'meteor',
  'bleu',
  'sentence_bleu',
  'chrf',
  'sentence_chrf',
  'chrf_pp',
  'sentence_chrf_pp',
  'ter',
  'sentence_ter',
  'exact_match',
  'normalized_match',
  'contains_reference',
  'token_f1',
  'levenshtein_ratio',
  'json_valid',
  'repetition',
  'contains',
  'starts_with',
  'contains_any',
  'contains_all',
  'regex',
  'json_schema',
  'number_match',
  'length_words',
  'length_chars',
  'length_tokens',
  'judge',
] as const;
export const MetricType = oneOf(METRIC_TYPES);
export type MetricType = z.infer<typeof MetricType>;

/** What a metric is called in an experiment: its column in the rows, its key in results. */
export const MetricName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'Letters, digits and _, starting with a letter: "has_number".')
  .max(64, 'At most 64 characters.');
export type MetricName = z.infer<typeof MetricName>;

/** What a person asks for: a metric, or a group that stands for several. */
export const METRIC_GROUPS = {
  rouge: ['rouge1', 'rouge2', 'rougeL', 'rougeLsum'],
  bleu: ['bleu', 'sentence_bleu'],
  chrf: ['chrf', 'sentence_chrf'],
  chrf_pp: ['chrf_pp', 'sentence_chrf_pp'],
  ter: ['ter', 'sentence_ter'],
  length: ['length_words', 'length_chars'],
} as const satisfies Record<string, readonly MetricType[]>;

/** Headings under which metrics are offered, in this order. */
export const METRIC_FAMILIES = [
  'Word overlap',
  'Translation',
  'Short answers',
  'Checks',
  'Format',
  'Length',
  'Judges',
] as const;

/** What is known of a metric, whatever it is of. */
export const MetricInfo = object({
  label: z.string(),
  family: z.enum(METRIC_FAMILIES),
  needs_reference: z.boolean(),
  needs_input: z.boolean(),
  /** Value per row; a corpus-level metric has none. */
  per_row: z.boolean(),
  /** 0 or 1 per row: its mean is a share. */
  yes_or_no: z.boolean(),
  range: z.tuple([z.number(), z.number().nullable()]),
  /** Which values are better; `none`: neither, it only describes. */
  direction: z.enum(['higher', 'lower', 'none']),
  /** The smallest difference worth acting on, where a person names none; null: without a direction there is none. */
  delta: z.number().nullable(),
  /** What it is good for, and what it is blind to. */
  description: z.string(),
});
export type MetricInfo = z.infer<typeof MetricInfo>;

/** What most metrics are: against a reference, per row, from 0 to 1, higher is better. */
const USUAL = {
  needs_reference: true,
  needs_input: false,
  per_row: true,
  yes_or_no: false,
  range: [0, 1],
  direction: 'higher',
  delta: 0.01,
} satisfies Partial<MetricInfo>;

const overlap = (label: string, family: MetricInfo['family'], description: string): MetricInfo => ({
  ...USUAL,
  label,
  family,
  description,
});

const yesOrNo = (label: string, family: MetricInfo['family'], description: string): MetricInfo => ({
  ...overlap(label, family, description),
  yes_or_no: true,
});

const check = (label: string, description: string): MetricInfo => ({
  ...yesOrNo(label, 'Checks', description),
  needs_reference: false,
});

const length = (label: string, description: string): MetricInfo => ({
  ...overlap(label, 'Length', description),
  needs_reference: false,
  range: [0, null],
  direction: 'none',
  delta: null,
});

/** What is known of each type; how it is computed is in its signature, which every result carries. */
export const METRICS: Record<MetricType, MetricInfo> = {
  rouge1: overlap(
    'ROUGE-1',
    'Word overlap',
    'Overlap of single words with the reference (F measure, stemmed). Good for content coverage in English; blind to order and to paraphrase.',
  ),
  rouge2: overlap(
    'ROUGE-2',
    'Word overlap',
    'Overlap of word pairs with the reference (F measure, stemmed). Stricter than ROUGE-1; blind to paraphrase.',
  ),
  rougeL: overlap(
    'ROUGE-L',
    'Word overlap',
    'Longest common word sequence with the reference (F measure, stemmed). Rewards the same order; blind to paraphrase.',
  ),
  rougeLsum: overlap(
    'ROUGE-Lsum',
    'Word overlap',
    'ROUGE-L sentence by sentence, where a line is a sentence. The usual choice for summaries of several lines.',
  ),
  meteor: overlap(
    'METEOR',
    'Word overlap',
    'Words matched by form or stem, with a penalty for scattered matches; synonyms are left out, so values lie a little below those with WordNet. Weighs recall more than ROUGE does; for English.',
  ),
  bleu: {
    ...USUAL,
    label: 'BLEU',
    family: 'Translation',
    per_row: false,
    range: [0, 100],
    delta: 1,
    description:
      'Corpus-level n-gram precision with a brevity penalty (sacreBLEU). The classic of translation; too coarse for single sentences.',
  },
  sentence_bleu: {
    ...USUAL,
    label: 'Sentence BLEU',
    family: 'Translation',
    range: [0, 100],
    delta: 1,
    description: 'BLEU of one row with smoothing (sacreBLEU). Shows which rows differ; its mean is not corpus BLEU.',
  },
  chrf: {
    ...USUAL,
    label: 'chrF',
    family: 'Translation',
    per_row: false,
    range: [0, 100],
    delta: 1,
    description:
      'Corpus-level character n-gram F score (sacreBLEU). Robust to word forms, suits languages without spaces.',
  },
  sentence_chrf: {
    ...USUAL,
    label: 'Sentence chrF',
    family: 'Translation',
    range: [0, 100],
    delta: 1,
    description: 'chrF of one row (sacreBLEU). Its mean is not corpus chrF.',
  },
  chrf_pp: {
    ...USUAL,
    label: 'chrF++',
    family: 'Translation',
    per_row: false,
    range: [0, 100],
    delta: 1,
    description:
      'Corpus-level chrF with words and word pairs besides (sacreBLEU). Follows human judgement a little better than chrF where words stand apart; says no more than chrF in languages without spaces.',
  },
  sentence_chrf_pp: {
    ...USUAL,
    label: 'Sentence chrF++',
    family: 'Translation',
    range: [0, 100],
    delta: 1,
    description: 'chrF++ of one row (sacreBLEU). Shows which rows differ; its mean is not corpus chrF++.',
  },
  ter: {
    ...USUAL,
    label: 'TER',
    family: 'Translation',
    per_row: false,
    range: [0, null],
    direction: 'lower',
    delta: 1,
    description:
      'Corpus-level edits per 100 words of the reference, a moved phrase counting once (sacreBLEU). Close to the work of post-editing; slow on long texts, and those over 500 words are not scored.',
  },
  sentence_ter: {
    ...USUAL,
    label: 'Sentence TER',
    family: 'Translation',
    range: [0, null],
    direction: 'lower',
    delta: 1,
    description: 'TER of one row (sacreBLEU). Its mean is not corpus TER.',
  },
  exact_match: yesOrNo(
    'Exact match',
    'Short answers',
    'Whether the answer equals the reference, character by character. Right for labels and short answers; far too strict for prose.',
  ),
  normalized_match: yesOrNo(
    'Normalised match',
    'Short answers',
    'Whether the answer equals the reference but for case, punctuation and spaces. Right for short answers; an explanation around the answer makes it wrong.',
  ),
  contains_reference: yesOrNo(
    'Contains reference',
    'Short answers',
    'Whether the reference stands in the answer, word for word but for case and punctuation. Forgives explanations; also an answer that lists every option.',
  ),
  token_f1: overlap(
    'Token F1',
    'Short answers',
    'Words that answer and reference share (F measure, as for SQuAD). Gives part of the credit to part of the answer; blind to order and to paraphrase.',
  ),
  levenshtein_ratio: overlap(
    'Levenshtein ratio',
    'Short answers',
    'Share of characters that need no edit to become the reference. Good for names, codes and spelling; means little for prose.',
  ),
  json_valid: {
    ...yesOrNo(
      'JSON valid',
      'Format',
      'Whether the whole answer is one JSON text, with nothing around it. Says that a program can read it, not that it says the right thing.',
    ),
    needs_reference: false,
  },
  repetition: {
    ...USUAL,
    label: 'Repetition',
    family: 'Format',
    needs_reference: false,
    direction: 'lower',
    description:
      'Share of four-word sequences that came before in the answer. Finds models that go round in circles; short answers have none.',
  },
  contains: check(
    'Contains',
    'Whether a text that you name stands in the answer. Good for what every answer must say, a disclaimer or a name; another wording of it is not found.',
  ),
  starts_with: check(
    'Starts with',
    'Whether the answer begins with a text that you name; white space before it does not count. Good for a form of words that a program relies on; says nothing of the rest.',
  ),
  contains_any: check(
    'Contains any',
    'Whether at least one of the texts that you name stands in the answer. Good for facts with several wordings; an answer that lists them all passes too.',
  ),
  contains_all: check(
    'Contains all',
    'Whether each of the texts that you name stands in the answer, in any order. Good for facts that none may leave out; the more there are, the likelier is a wording that is not found.',
  ),
  regex: check(
    'Regex',
    'Whether a pattern (RE2) is found in the answer. Good for dates, codes and forms of answer; says that it is there, not that it is right.',
  ),
  json_schema: check(
    'JSON schema',
    'Whether the whole answer is one JSON text that your schema (draft 2020-12) allows. Says that a program can use it; which values are right, only as far as the schema says.',
  ),
  number_match: {
    ...check(
      'Number match',
      'Whether the last number of the answer is that of the reference, within a tolerance that you name. Good for arithmetic and amounts; a right number that is not the last one counts as wrong.',
    ),
    needs_reference: true,
  },
  length_words: length(
    'Words',
    'Number of words, split at white space. Tells long-winded models from terse ones; says nothing of quality.',
  ),
  length_chars: length(
    'Characters',
    'Number of characters (Unicode code points). Tells long-winded models from terse ones; says nothing of quality.',
  ),
  length_tokens: length(
    'Tokens',
    'Number of words and punctuation marks (sacreBLEU 13a), the same for every model. What an endpoint counts as tokens has columns of its own.',
  ),
  judge: {
    ...USUAL,
    label: 'Judge',
    family: 'Judges',
    needs_reference: false,
    range: [1, 5],
    delta: 0.2,
    description:
      'A language model scores each answer by instructions in plain words. Sees what no count of words can, such as tone or usefulness; it favours long answers and those of models like itself, and is only as good as your own check of it says.',
  },
};

/** The best of some values of a metric, by its direction; null where there is none, or none is better than another. */
export function bestValue({ direction }: Pick<MetricInfo, 'direction'>, values: readonly number[]): number | null {
  if (direction === 'none' || values.length === 0) return null;
  return direction === 'higher' ? Math.max(...values) : Math.min(...values);
}

/** A 95 % interval and how it was made. */
export const Interval = object({ low: z.number(), high: z.number(), level: z.number(), method: z.string() });
export type Interval = z.infer<typeof Interval>;

/** One metric of one workflow. `total = scored + no_reference + metric_error + not_answered`. */
export const MetricAggregate = object({
  value: z.number().nullable(),
  standard_error: z.number().nullable(),
  interval: Interval.nullable(),
  /** Of a score with few distinct values, such as 1 to 5; null for others. */
  median: z.number().nullable().default(null),
  scored: Count,
  total: Count,
  no_reference: Count,
  metric_error: Count,
  not_answered: Count,
  /** Library, version and parameters, like sacreBLEU's. */
  signature: z.string(),
});
export type MetricAggregate = z.infer<typeof MetricAggregate>;

export const MetricAggregates = z.record(MetricName, MetricAggregate);
export type MetricAggregates = z.infer<typeof MetricAggregates>;
