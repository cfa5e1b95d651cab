/** A column with few values: classes rather than texts. */
import { type Counted, createFinder } from './facts.ts';

const MOST_LABELS = 50;
const MOST_CHARACTERS = 100;
/** Rows to a label, on average: fewer are texts that happen to be the same. */
const LEAST_ROWS_EACH = 5;

export function createLabelCounter(): { add(value: string, row_id: number): void; labels(): Counted[] | null } {
  let finders: Map<string, ReturnType<typeof createFinder>> | null = new Map();
  let rows = 0;
  return {
    add(value, row_id) {
      if (finders === null) return;
      rows += 1;
      let finder = finders.get(value);
      if (!finder) {
        if (finders.size === MOST_LABELS || value.length > MOST_CHARACTERS) {
          finders = null;
          return;
        }
        finder = createFinder();
        finders.set(value, finder);
      }
      finder.add(row_id);
    },
    labels() {
      if (finders === null || finders.size < 2 || rows < LEAST_ROWS_EACH * finders.size) return null;
      return [...finders]
        .map(([value, { found }]) => ({ value, ...found }))
        .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
    },
  };
}

/** One and the same but for capitals, spaces and ways to write a character (NFKC). */
const spelling = (value: string) => value.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim();

/** Labels that are one but for their spelling, the most frequent first. */
export function findSpellings(labels: readonly Counted[]): Counted[][] {
  return [...Map.groupBy(labels, ({ value }) => spelling(value)).values()].filter((same) => same.length > 1);
}
