import { z } from 'zod';
import { Count, Id, object } from './common.ts';
import { RowError } from './job-files.ts';
import { MetricName } from './metric.ts';

export const RowFilter = z.enum(['all', 'failed', 'disagree', 'a_better', 'b_better']);
export type RowFilter = z.infer<typeof RowFilter>;

/** Two workflows on a metric that has a better and a worse: what `a_better` and `b_better` are about. */
export const RowPair = object({ a: Id, b: Id, metric: MetricName });
export type RowPair = z.infer<typeof RowPair>;

export const RowsInput = object({
  experiment_id: Id,
  offset: Count.default(0),
  limit: z.int().min(1).max(200).default(50),
  filter: RowFilter.default('all'),
  /** Both have to have scored the row. */
  pair: RowPair.optional(),
  /** Text that the input, the reference or a prediction contains, upper and lower case alike. */
  search: z.string().max(500).default(''),
  /** Sort by a metric of one workflow; left out: the order of the sample. */
  sort: object({ workflow_id: Id, metric: MetricName, descending: z.boolean() }).optional(),
});
export type RowsInput = z.input<typeof RowsInput>;

export const RowFilterCountsInput = RowsInput.pick({ experiment_id: true, search: true, pair: true });

/** Rows that each filter lets through, of those that the search finds; without a pair, none is in the filters about it. */
export const RowFilterCounts = z.record(RowFilter, Count);
export type RowFilterCounts = z.infer<typeof RowFilterCounts>;

/** One answer to one row; null prediction and null error: not run yet. */
export const RowAnswer = object({
  prediction: z.string().nullable(),
  error: RowError.nullable(),
  /** What the model wrote on its way to the answer; never scored. */
  reasoning: z.string().nullable(),
  finish_reason: z.string().nullable(),
  /** The input was longer than the model takes, and was cut; null: not run. */
  truncated: z.boolean().nullable(),
  latency_ms: z.number().nullable(),
  /** Of a streamed answer. */
  first_token_ms: z.number().nullable(),
  /** As the endpoint counts them; those of reasoning are part of the completion's. */
  prompt_tokens: Count.nullable(),
  completion_tokens: Count.nullable(),
  reasoning_tokens: Count.nullable(),
  /** In US dollars; null: unknown. */
  cost: z.number().nullable(),
  /** Calls that were made for the row. */
  calls: Count.nullable(),
  metrics: z.record(MetricName, z.number()),
  /** What judges wrote, of those that were asked about it; where a judge has an error, it has no score. */
  verdicts: z.record(MetricName, object({ reason: z.string().nullable(), error: z.string().nullable() })),
});
export type RowAnswer = z.infer<typeof RowAnswer>;

/** What one workflow makes of one row: its first answer; where it gives several, `metrics` are their means. */
export const RowCell = RowAnswer.extend({
  workflow_id: Id,
  /** All answers, the first too, each with its own metrics; empty where it gives one. */
  repeats: z.array(RowAnswer),
});
export type RowCell = z.infer<typeof RowCell>;

export const Row = object({
  row_id: Count,
  /** Place in the sample, from 0. */
  position: Count,
  input: z.string(),
  reference: z.string().nullable(),
  cells: z.array(RowCell),
});
export type Row = z.infer<typeof Row>;

export const Rows = object({
  rows: z.array(Row),
  /** Rows that match filter and search. */
  matching: Count,
  /** False while inference runs: then only the newest finished rows are shown, in the sample's order. */
  complete: z.boolean(),
});
export type Rows = z.infer<typeof Rows>;

export const DistributionInput = object({ experiment_id: Id, metric: MetricName });

/** How the values of one metric lie, each row's once, for every workflow that is scored. */
export const Distribution = object({
  metric: MetricName,
  /** Ends of the bins, rising; a value between two bins is in the upper one. Empty: nothing is scored. */
  edges: z.array(z.number()),
  workflows: z.array(
    object({
      workflow_id: Id,
      scored: Count,
      /** In each bin. */
      counts: z.array(Count),
      quartiles: z.tuple([z.number(), z.number(), z.number()]).nullable(),
    }),
  ),
});
export type Distribution = z.infer<typeof Distribution>;

export const ExportFormat = z.enum(['csv', 'jsonl', 'parquet']);
export type ExportFormat = z.infer<typeof ExportFormat>;

/** Of an experiment; `comparison`: not its rows, but how its models compare, the recommendation and the slices, as JSON. */
export const ExperimentExportFormat = z.enum([...ExportFormat.options, 'comparison']);
export type ExperimentExportFormat = z.infer<typeof ExperimentExportFormat>;

/** The rows of one job, whatever it is part of. */
export const JobRowsInput = RowsInput.omit({ experiment_id: true, filter: true, pair: true, sort: true }).extend({
  id: Id,
  filter: z.enum(['all', 'failed']).default('all'),
  /** Left out: the order of the sample. */
  sort: object({ metric: MetricName, descending: z.boolean() }).optional(),
});
export type JobRowsInput = z.input<typeof JobRowsInput>;

export const JobRow = RowCell.omit({ workflow_id: true }).extend({
  row_id: Count,
  position: Count,
  /** Null where the job was told no input column. */
  input: z.string().nullable(),
  reference: z.string().nullable(),
});
export type JobRow = z.infer<typeof JobRow>;

export const JobRows = Rows.extend({ rows: z.array(JobRow) });
export type JobRows = z.infer<typeof JobRows>;
