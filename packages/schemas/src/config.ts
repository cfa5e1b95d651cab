import { z } from 'zod';
import { Budget } from './budget.ts';
import { Description, Id, Name, object } from './common.ts';
import { RecommendRule } from './comparison.ts';
import { DEFAULT_INPUT_COLUMN } from './dataset.ts';
import { MAX_WORKFLOWS } from './experiment.ts';
import { TimeLimit } from './job.ts';
import { MetricName } from './metric.ts';
import { metricRefs } from './metric-settings.ts';
import { ModelRef } from './model.ts';
import { Prompt } from './prompt.ts';
import { Repeats, Seed } from './sample.ts';
import { Task } from './task.ts';

/** A file beside the config, or a dataset that was uploaded before: by its name, then its newest version, or by the id of one version. */
const DatasetSource = object({
  file: z.string().min(1).optional(),
  name: Name.optional(),
  id: Id.optional(),
  input: z.string().default(DEFAULT_INPUT_COLUMN),
  /** null: the dataset has no references. Left out: `ground_truth` where there is such a column. */
  reference: z.string().nullish(),
  /** Rows with the same value here are not independent: a customer, a document. */
  group: z.string().nullish(),
}).refine(
  ({ file, name, id }) => [file, name, id].filter((given) => given !== undefined).length === 1,
  'Give a file, a name or an id, one of them: { file: dialogues.csv, input: examples, reference: ground_truth }.',
);

/** What `touchstone run` reads. */
export const ExperimentConfig = object({
  name: Name,
  description: Description.optional(),
  dataset: DatasetSource,
  task: Task.default('summarization'),
  prompt: Prompt.optional(),
  system_prompt: Prompt.optional(),
  models: z.array(ModelRef).min(1, 'Name at least one model.').max(MAX_WORKFLOWS),
  metrics: metricRefs('Name at least one metric.').optional(),
  primary_metric: MetricName.optional(),
  rows: z.int().min(1).optional(),
  seed: Seed.default(0),
  /** Answers of each model to each row. */
  repeats: Repeats.optional(),
  budget: Budget.optional(),
  recommend: RecommendRule.optional(),
  /** Of each job; left out: as long as it takes. */
  time_limit_s: TimeLimit.optional(),
});
export type ExperimentConfig = z.infer<typeof ExperimentConfig>;
