/** What a look at a dataset finds: counts and row ids, without words. Stored, and read again by any later version. */
import { Count, object } from '@touchstone/schemas';
import { z } from 'zod';

/** Raised where a rule changes: what was stored before is not read any more. */
export const RULES_VERSION = 1;

/** Rows named of each finding, and groups of duplicates. */
export const MOST_ROWS = 10;

const Found = object({ count: Count, rows: z.array(Count) });
export type Found = z.infer<typeof Found>;

const Group = object({ size: Count, rows: z.array(Count), similarity: z.number().nullable() });
export type Group = z.infer<typeof Group>;

/** `count`: rows that are not the first of their group. */
const Groups = object({ count: Count, groups: z.array(Group) });
export type Groups = z.infer<typeof Groups>;

const Counted = object({ value: z.string(), count: Count, rows: z.array(Count) });
export type Counted = z.infer<typeof Counted>;

/** `looked_at`: texts whose language was asked for; `found`: of those that could be told. */
const Languages = object({ looked_at: Count, found: z.array(Counted) });
export type Languages = z.infer<typeof Languages>;

const ColumnFacts = object({
  blank: Found,
  only_punctuation: Found,
  very_short: Found,
  very_long: Found,
  broken_characters: Found,
  control_characters: Found,
  markup: Found,
  surrounding_white_space: Found,
  /** Of the lengths in characters; null: all are blank. */
  quartiles: z.tuple([z.number(), z.number(), z.number()]).nullable(),
  languages: Languages,
  /** Values and their rows, where there are few; null: there are many. */
  labels: z.array(Counted).nullable(),
});
export type ColumnFacts = z.infer<typeof ColumnFacts>;

export const HealthFacts = object({
  row_count: Count,
  input: ColumnFacts,
  reference: ColumnFacts.nullable(),
  /** Equal in input and, where there is one, reference. */
  duplicate_rows: Groups,
  /** Equal inputs with several references; `count`: all of their rows. */
  conflicting_references: Groups,
  near_duplicates: Groups.extend({ looked_at: Count }),
  reference_equals_input: Found,
  reference_longer_than_input: Found,
  /** Inputs of more tokens, by length of context. */
  longer_than: z.array(Found.extend({ context_length: Count })),
});
export type HealthFacts = z.infer<typeof HealthFacts>;

/** Counts rows, and keeps the first few. */
export function createFinder(): { add(row_id: number): void; found: Found } {
  const found: Found = { count: 0, rows: [] };
  return {
    add(row_id) {
      found.count += 1;
      if (found.rows.length < MOST_ROWS) found.rows.push(row_id);
    },
    found,
  };
}
