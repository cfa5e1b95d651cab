/** What is worth knowing of a dataset before models are paid to answer it. */
import { z } from 'zod';
import { Count, Id, object } from './common.ts';
import { MAX_WORKFLOWS } from './experiment.ts';

export const DatasetHealthInput = object({
  id: Id,
  input_column: z.string(),
  reference_column: z.string().nullable().default(null),
  /** Whose context the inputs are held against, as an experiment names them; none: every model of the catalogue. */
  models: z.array(z.string().max(300)).max(MAX_WORKFLOWS).default([]),
});
export type DatasetHealthInput = z.input<typeof DatasetHealthInput>;

export const HealthKind = z.enum([
  'blank_input',
  'blank_reference',
  'duplicate_rows',
  'conflicting_references',
  'near_duplicates',
  'longer_than_context',
  'reference_equals_input',
  'reference_longer_than_input',
  'only_punctuation',
  'very_short',
  'very_long',
  'mixed_languages',
  'broken_characters',
  'control_characters',
  'markup',
  'surrounding_white_space',
  'labels',
  'label_spellings',
]);
export type HealthKind = z.infer<typeof HealthKind>;

/** `problem`: results would be wrong or rows lost; `warning`: likely a fault of the data; `note`: good to know. */
export const HealthSeverity = z.enum(['problem', 'warning', 'note']);
export type HealthSeverity = z.infer<typeof HealthSeverity>;

export const HealthFinding = object({
  kind: HealthKind,
  severity: HealthSeverity,
  column: z.string(),
  /** Rows that it concerns, and their share of those that were looked at. */
  count: Count,
  share: z.number().min(0).max(1),
  /** In one line, with the count: `14 rows repeat an earlier row`. */
  summary: z.string(),
  meaning: z.string(),
  to_do: z.string(),
  /** The first few of them. */
  rows: z.array(Count),
  /** Of duplicates: rows that belong together, the first few of each group, the largest groups first. */
  groups: z.array(
    object({
      size: Count,
      rows: z.array(Count),
      /** Share of the pieces of text that the first two have in common (Jaccard); null: the texts are the same. */
      similarity: z.number().nullable(),
    }),
  ),
  /** Of labels and languages: what there is, and in how many rows, the most frequent first. */
  values: z.array(object({ value: z.string(), count: Count })),
});
export type HealthFinding = z.infer<typeof HealthFinding>;

export const DatasetHealth = object({
  /** `running`: ask again; there are no findings until it is done. */
  state: z.enum(['running', 'done']),
  row_count: Count,
  rows_read: Count,
  /** In one line, once it is done: `2 findings: 14 rows repeat an earlier row; …` */
  summary: z.string(),
  /** The most severe first, and of those the most frequent. */
  findings: z.array(HealthFinding),
});
export type DatasetHealth = z.infer<typeof DatasetHealth>;
