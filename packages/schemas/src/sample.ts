import { z } from 'zod';
import { Count, object, Sha256 } from './common.ts';

export const Seed = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

/** Answers that each model gives to each row, one after another. */
export const Repeats = z.int().min(1).max(100);

/** The rows of a dataset that an experiment, or a job alone, runs over. */
export const Sample = object({
  /** Rows drawn. */
  rows: Count,
  /** Rows that could have been drawn. */
  available: Count,
  blank_input: Count,
  blank_reference: Count,
  sha256: Sha256,
});
export type Sample = z.infer<typeof Sample>;
