/** Jobs that are started by themselves, without an experiment. */
import { z } from 'zod';
import { Id, Name, object, RequestId } from './common.ts';
import { StoreToDataset, TimeLimit } from './job.ts';
import { MetricName } from './metric.ts';
import { metricRefs } from './metric-settings.ts';
import { ModelRef } from './model.ts';
import { Prompt } from './prompt.ts';
import { Seed } from './sample.ts';
import { Task } from './task.ts';

const JobCreate = object({
  request_id: RequestId,
  name: Name,
  dataset_id: Id,
  /** Number of rows to sample; left out: all. */
  rows: z.int().min(1).optional(),
  seed: Seed.default(0),
  time_limit_s: TimeLimit.optional(),
});

/** One model over a dataset. */
export const InferenceCreate = JobCreate.extend({
  input_column: z.string(),
  task: Task,
  model: ModelRef,
  /** Left out: the task's preset. */
  prompt: Prompt.optional(),
  system_prompt: Prompt.optional(),
  /** What becomes of the answers when it has succeeded. */
  store_to_dataset: StoreToDataset.omit({ fills_blanks: true }).optional(),
});
export type InferenceCreate = z.input<typeof InferenceCreate>;

/** Writes references, where there is nothing else to go by; needs the extra hf. */
export const DEFAULT_ANNOTATOR = 'hf/facebook/bart-large-cnn';

/** Fills the blank references of a dataset with the answers of a model: a new dataset; what a person wrote stays. */
export const AnnotationCreate = JobCreate.omit({ name: true }).extend({
  /** Left out: made from the dataset's. */
  name: Name.optional(),
  input_column: z.string(),
  /** Its blank cells are filled; a column that the dataset lacks is added. */
  reference_column: z.string().trim().min(1).max(200),
  task: Task.default('summarization'),
  model: ModelRef.default({ model: DEFAULT_ANNOTATOR }),
  /** Left out: the task's preset. */
  prompt: Prompt.optional(),
  system_prompt: Prompt.optional(),
  /** Of the new dataset; left out: made from the old one's. */
  dataset_name: Name.optional(),
});
export type AnnotationCreate = z.input<typeof AnnotationCreate>;

/** Scores for answers that are in a dataset already. A blank one counts as not answered. */
export const EvaluationCreate = JobCreate.extend({
  prediction_column: z.string(),
  /** Shown beside the answers; nothing is scored by it. */
  input_column: z.string().optional(),
  /** Null: the dataset has none; then only metrics that need none. */
  reference_column: z.string().nullable(),
  metrics: metricRefs('Choose at least one metric.'),
});
export type EvaluationCreate = z.input<typeof EvaluationCreate>;

/** Evaluations that were made alone, of the same rows: every pair is compared. */
export const ComparisonCreate = object({
  request_id: RequestId,
  name: Name,
  evaluation_ids: z
    .array(Id)
    .min(2, 'Choose at least two evaluations.')
    .max(50)
    .refine((ids) => new Set(ids).size === ids.length, 'Name each evaluation once.'),
  /** Left out: the first in common that has a better and a worse. */
  primary_metric: MetricName.optional(),
  time_limit_s: TimeLimit.optional(),
});
export type ComparisonCreate = z.input<typeof ComparisonCreate>;

export const JobResume = object({
  request_id: RequestId,
  id: Id,
  /** `not_run`: only what has not run; `failed`: also the rows that failed. */
  what: z.enum(['not_run', 'failed']),
  /** Left out: as before; null: none. It counts from here on. */
  time_limit_s: TimeLimit.nullish(),
});
export type JobResume = z.input<typeof JobResume>;

export const JobRemove = object({ id: Id, force: z.boolean().default(false) });
