import { z } from 'zod';
import { Count, object, oneOf } from './common.ts';

export const METRIC_NAMES = [
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
  'length_words',
  'length_chars',
  'length_tokens',
] as const;

export const MetricName = oneOf(METRIC_NAMES);
export type MetricName = z.infer<typeof MetricName>;

/** What a person asks for: a metric, or a group that stands for several. */
export const METRIC_GROUPS = {
  rouge: ['rouge1', 'rouge2', 'rougeL', 'rougeLsum'],
  bleu: ['bleu', 'sentence_bleu'],
  chrf: ['chrf', 'sentence_chrf'],
  chrf_pp: ['chrf_pp', 'sentence_chrf_pp'],
  ter: ['ter', 'sentence_ter'],
  length: ['length_words', 'length_chars'],
} as const satisfies Record<string, readonly MetricName[]>;

export const MetricRef = oneOf(['rouge', 'length', ...METRIC_NAMES]);
export type MetricRef = z.infer<typeof MetricRef>;

/** The metrics that `refs` stand for, each once, in the order of METRIC_NAMES. */
export function expandMetrics(refs: readonly MetricRef[]): MetricName[] {
  const wanted = new Set<string>(
    refs.flatMap((ref) => (ref in METRIC_GROUPS ? METRIC_GROUPS[ref as keyof typeof METRIC_GROUPS] : [ref])),
  );
  return METRIC_NAMES.filter((name) => wanted.has(name));
}

/** Headings under which metrics are offered, in this order. */
export const METRIC_FAMILIES = ['Word overlap', 'Translation', 'Short answers', 'Format', 'Length'] as const;

export type MetricInfo = {
  label: string;
  family: (typeof METRIC_FAMILIES)[number];
  needs_reference: boolean;
  /** Value per row; a corpus-level metric has none. */
  per_row: boolean;
  range: [number, number | null];
  /** Which values are better; `none`: neither, it only describes. */
  direction: 'higher' | 'lower' | 'none';
  /** The smallest difference worth acting on, where a person names none; null: without a direction there is none. */
  delta: number | null;
  /** What it is good for, and what it is blind to. */
  description: string;
};

/** Against a reference, per row, from 0 to 1, higher is better: what most metrics are. */
const overlap = (label: string, family: MetricInfo['family'], description: string): MetricInfo => ({
  label,
  family,
  needs_reference: true,
  per_row: true,
  range: [0, 1],
  direction: 'higher',
  delta: 0.01,
  description,
});

const length = (label: string, description: string): MetricInfo => ({
  label,
  family: 'Length',
  needs_reference: false,
  per_row: true,
  range: [0, null],
  direction: 'none',
  delta: null,
  description,
});

/** What is known of each metric; how it is computed is in its signature, which every result carries. */
export const METRICS: Record<MetricName, MetricInfo> = {
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
    label: 'BLEU',
    family: 'Translation',
    needs_reference: true,
    per_row: false,
    range: [0, 100],
    direction: 'higher',
    delta: 1,
    description:
      'Corpus-level n-gram precision with a brevity penalty (sacreBLEU). The classic of translation; too coarse for single sentences.',
  },
  sentence_bleu: {
    label: 'Sentence BLEU',
    family: 'Translation',
    needs_reference: true,
    per_row: true,
    range: [0, 100],
    direction: 'higher',
    delta: 1,
    description: 'BLEU of one row with smoothing (sacreBLEU). Shows which rows differ; its mean is not corpus BLEU.',
  },
  chrf: {
    label: 'chrF',
    family: 'Translation',
    needs_reference: true,
    per_row: false,
    range: [0, 100],
    direction: 'higher',
    delta: 1,
    description:
      'Corpus-level character n-gram F score (sacreBLEU). Robust to word forms, suits languages without spaces.',
  },
  sentence_chrf: {
    label: 'Sentence chrF',
    family: 'Translation',
    needs_reference: true,
    per_row: true,
    range: [0, 100],
    direction: 'higher',
    delta: 1,
    description: 'chrF of one row (sacreBLEU). Its mean is not corpus chrF.',
  },
  chrf_pp: {
    label: 'chrF++',
    family: 'Translation',
    needs_reference: true,
    per_row: false,
    range: [0, 100],
    direction: 'higher',
    delta: 1,
    description:
      'Corpus-level chrF with words and word pairs besides (sacreBLEU). Follows human judgement a little better than chrF where words stand apart; says no more than chrF in languages without spaces.',
  },
  sentence_chrf_pp: {
    label: 'Sentence chrF++',
    family: 'Translation',
    needs_reference: true,
    per_row: true,
    range: [0, 100],
    direction: 'higher',
    delta: 1,
    description: 'chrF++ of one row (sacreBLEU). Shows which rows differ; its mean is not corpus chrF++.',
  },
  ter: {
    label: 'TER',
    family: 'Translation',
    needs_reference: true,
    per_row: false,
    range: [0, null],
    direction: 'lower',
    delta: 1,
    description:
      'Corpus-level edits per 100 words of the reference, a moved phrase counting once (sacreBLEU). Close to the work of post-editing; slow on long texts, and those over 500 words are not scored.',
  },
  sentence_ter: {
    label: 'Sentence TER',
    family: 'Translation',
    needs_reference: true,
    per_row: true,
    range: [0, null],
    direction: 'lower',
    delta: 1,
    description: 'TER of one row (sacreBLEU). Its mean is not corpus TER.',
  },
  exact_match: overlap(
    'Exact match',
    'Short answers',
    'Whether the answer equals the reference, character by character. Right for labels and short answers; far too strict for prose.',
  ),
  normalized_match: overlap(
    'Normalised match',
    'Short answers',
    'Whether the answer equals the reference but for case, punctuation and spaces. Right for short answers; an explanation around the answer makes it wrong.',
  ),
  contains_reference: overlap(
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
    label: 'JSON valid',
    family: 'Format',
    needs_reference: false,
    per_row: true,
    range: [0, 1],
    direction: 'higher',
    delta: 0.01,
    description:
      'Whether the whole answer is one JSON text, with nothing around it. Says that a program can read it, not that it says the right thing.',
  },
  repetition: {
    label: 'Repetition',
    family: 'Format',
    needs_reference: false,
    per_row: true,
    range: [0, 1],
    direction: 'lower',
    delta: 0.01,
    description:
      'Share of four-word sequences that came before in the answer. Finds models that go round in circles; short answers have none.',
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
};

/** The best of some values of a metric, by its direction; null where there is none, or none is better than another. */
export function bestValue(metric: MetricName, values: readonly number[]): number | null {
  const { direction } = METRICS[metric];
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

export const MetricAggregates = z.partialRecord(MetricName, MetricAggregate);
export type MetricAggregates = z.infer<typeof MetricAggregates>;
