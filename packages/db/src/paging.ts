/** Where a page of a list, newest first, ended. */
export type Place = { created_at: Date; id: string };

export const newestFirst = [{ created_at: 'desc' as const }, { id: 'desc' as const }];

/** The condition of the rows that come after a place in that order; none where there is no place. */
export function afterPlace(place: Place | null) {
  if (!place) return {};
  const { created_at, id } = place;
  return { OR: [{ created_at: { lt: created_at } }, { created_at, id: { lt: id } }] };
}
