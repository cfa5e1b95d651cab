/** How the models do on parts of the rows: by the values of a column, or by what the inputs are like. */
import { z } from 'zod';
import { Count, Id, object } from './common.ts';
import { Interval, MetricName } from './metric.ts';

/** What rows are cut by without a column: quarters by the length of the input, or the language that it is in. */
export const AUTOMATIC_SLICES = ['@input_length', '@language'] as const;
/** Values that have a slice of their own, those of the most rows; the others are one slice. */
export const MOST_SLICES = 20;

export const SlicesInput = object({
  experiment_id: Id,
  /** A column of the dataset, `@input_length` or `@language`. */
  by: z.string().min(1).default('@input_length'),
  /** Left out: all that have a value per row. */
  metric: MetricName.optional(),
});
export type SlicesInput = z.input<typeof SlicesInput>;

/** Of one model on one slice. The interval is of this value alone: nothing is tested, and many slices are looked at. */
export const SliceCell = object({
  workflow_id: Id,
  metric: MetricName,
  /** Rows that were scored. */
  n: Count,
  value: z.number(),
  standard_error: z.number().nullable(),
  interval: Interval.nullable(),
});
export type SliceCell = z.infer<typeof SliceCell>;

export const Slices = object({
  experiment_id: Id,
  by: z.string(),
  /** What else rows may be cut by: the automatic ones, then columns. */
  choices: z.array(z.string()),
  /** Models still run. */
  interim: z.boolean(),
  slices: z.array(
    object({
      value: z.string(),
      /** Of the sample. */
      rows: Count,
      cells: z.array(SliceCell),
    }),
  ),
});
export type Slices = z.infer<typeof Slices>;
