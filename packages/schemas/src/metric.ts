import { z } from 'zod';
import { Count, object, oneOf } from './common.ts';

export const METRIC_NAMES = [
  'rouge1',
  'rouge2',
  'rougeL',
  'rougeLsum',
  'bleu',
  'sentence_bleu',
  'chrf',
  'sentence_chrf',
  'exact_match',
  'length_words',
  'length_chars',
] as const;

export const MetricName = oneOf(METRIC_NAMES);
export type MetricName = z.infer<typeof MetricName>;

/** What a person asks for: a metric, or a group that stands for several. */
export const METRIC_GROUPS = {
  rouge: ['rouge1', 'rouge2', 'rougeL', 'rougeLsum'],
  bleu: ['bleu', 'sentence_bleu'],
  chrf: ['chrf', 'sentence_chrf'],
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

export type MetricInfo = {
  label: string;
  needs_reference: boolean;
  /** Value per row; a corpus-level metric has none. */
  per_row: boolean;
  range: [number, number | null];
  direction: 'higher' | 'none';
  description: string;
};

const rouge = (label: string, description: string): MetricInfo => ({
  label,
  needs_reference: true,
  per_row: true,
  range: [0, 1],
  direction: 'higher',
  description,
});

export const METRICS: Record<MetricName, MetricInfo> = {
  rouge1: rouge(
    'ROUGE-1',
    'Overlap of single words with the reference (F measure, stemmed). Good for content coverage in English; blind to order and to paraphrase.',
  ),
  rouge2: rouge(
    'ROUGE-2',
    'Overlap of word pairs with the reference (F measure, stemmed). Stricter than ROUGE-1; blind to paraphrase.',
  ),
  rougeL: rouge(
    'ROUGE-L',
    'Longest common word sequence with the reference (F measure, stemmed). Rewards the same order; blind to paraphrase.',
  ),
  rougeLsum: rouge(
    'ROUGE-Lsum',
    'ROUGE-L sentence by sentence, where a line is a sentence. The usual choice for summaries of several lines.',
  ),
  bleu: {
    label: 'BLEU',
    needs_reference: true,
    per_row: false,
    range: [0, 100],
    direction: 'higher',
    description:
      'Corpus-level n-gram precision with a brevity penalty (sacreBLEU). The classic of translation; too coarse for single sentences.',
  },
  sentence_bleu: {
    label: 'Sentence BLEU',
    needs_reference: true,
    per_row: true,
    range: [0, 100],
    direction: 'higher',
    description: 'BLEU of one row with smoothing (sacreBLEU). Shows which rows differ; its mean is not corpus BLEU.',
  },
  chrf: {
    label: 'chrF',
    needs_reference: true,
    per_row: false,
    range: [0, 100],
    direction: 'higher',
    description:
      'Corpus-level character n-gram F score (sacreBLEU). Robust to word forms, suits languages without spaces.',
  },
  sentence_chrf: {
    label: 'Sentence chrF',
    needs_reference: true,
    per_row: true,
    range: [0, 100],
    direction: 'higher',
    description: 'chrF of one row (sacreBLEU). Its mean is not corpus chrF.',
  },
  exact_match: {
    label: 'Exact match',
    needs_reference: true,
    per_row: true,
    range: [0, 1],
    direction: 'higher',
    description:
      'Whether the answer equals the reference, character by character. Right for labels and short answers; far too strict for prose.',
  },
  length_words: {
    label: 'Words',
    needs_reference: false,
    per_row: true,
    range: [0, null],
    direction: 'none',
    description:
      'Number of words, split at white space. Tells long-winded models from terse ones; says nothing of quality.',
  },
  length_chars: {
    label: 'Characters',
    needs_reference: false,
    per_row: true,
    range: [0, null],
    direction: 'none',
    description:
      'Number of characters (Unicode code points). Tells long-winded models from terse ones; says nothing of quality.',
  },
};

/** A 95 % interval and how it was made. */
export const Interval = object({ low: z.number(), high: z.number(), level: z.number(), method: z.string() });
export type Interval = z.infer<typeof Interval>;

/** One metric of one workflow. `total = scored + no_reference + metric_error + not_answered`. */
export const MetricAggregate = object({
  value: z.number().nullable(),
  standard_error: z.number().nullable(),
  interval: Interval.nullable(),
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
