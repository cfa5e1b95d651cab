import { z } from 'zod';
import { Count, Id, Name, object, Sha256, Timestamp } from './common.ts';

export const DatasetColumn = object({
  name: z.string(),
  /** Rows in which the value is empty or white space. */
  blank: Count,
});
export type DatasetColumn = z.infer<typeof DatasetColumn>;

export const Dataset = object({
  id: Id,
  name: Name,
  filename: z.string(),
  size_bytes: Count,
  sha256: Sha256,
  row_count: Count,
  columns: z.array(DatasetColumn),
  created_at: Timestamp,
  /** Experiments that use it: while there are any it cannot be deleted. */
  experiment_count: Count,
});
export type Dataset = z.infer<typeof Dataset>;

export const DatasetPreviewInput = object({
  id: Id,
  offset: Count.default(0),
  limit: z.int().min(1).max(200).default(20),
});

export const DatasetRow = object({ row_id: Count, values: z.array(z.string()) });

export const DatasetPreview = object({ columns: z.array(z.string()), rows: z.array(DatasetRow), row_count: Count });
export type DatasetPreview = z.infer<typeof DatasetPreview>;

/** The columns preselected for a new experiment. */
export const DEFAULT_INPUT_COLUMN = 'examples';
export const DEFAULT_REFERENCE_COLUMN = 'ground_truth';
