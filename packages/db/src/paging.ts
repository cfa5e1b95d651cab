import { Prisma } from './generated/client.ts';

/** Where a page of a list, newest first, ended. */
export type Place = { created_at: Date; id: string };

export const newestFirst = [{ created_at: 'desc' as const }, { id: 'desc' as const }];

/** The condition of the rows that come after a place in that order; none where there is no place. */
export function afterPlace(place: Place | null) {
  if (!place) return {};
  const { created_at, id } = place;
  // The first condition alone says where in the index to begin.
  return { created_at: { lte: created_at }, OR: [{ created_at: { lt: created_at } }, { created_at, id: { lt: id } }] };
}

/** The same in SQL, for a table with the columns `created_at` and `id`. */
export function isAfter(place: Place | null): Prisma.Sql {
  if (!place) return Prisma.sql`true`;
  return Prisma.sql`(created_at, id) < (${place.created_at.toISOString()}::timestamptz, ${place.id}::uuid)`;
}

/** The pattern of LIKE for texts that contain this. */
export function containing(text: string, before = '%'): string {
  return `${before}${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
}

/**
 * Conditions that a text in lower case, whose words have one space before them, has each word of a search, whatever the case. One or
 * two letters are looked for at the beginning of a word, where an index of trigrams finds them.
 */
export function containsEach(text: Prisma.Sql, search: string): Prisma.Sql[] {
  const words = search.split(/\s+/).filter((word) => word !== '');
  return words.map((word) => Prisma.sql`${text} LIKE lower(${containing(word, /^\w\w?$/.test(word) ? '% ' : '%')})`);
}
