import type { Place } from '@touchstone/db';
import { AppError } from './errors.ts';

/** The place of the page before, out of a cursor that `nextCursor` made. */
export function readCursor(cursor: string | null | undefined): Place | null {
  if (!cursor) return null;
  const [time = '', id = ''] = cursor.split('_');
  const created_at = new Date(Number(time));
  if (!/^\d+$/.test(time) || Number.isNaN(created_at.getTime()) || !/^[0-9a-f-]{36}$/.test(id)) {
    throw new AppError('INVALID', 'The cursor is not one that this list gave.');
  }
  return { created_at, id };
}

/** Cuts a list that was asked for one item more than the page has. */
export function cutPage<T extends Place>(found: T[], limit: number): { items: T[]; next_cursor: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next_cursor: found.length > limit && last ? `${last.created_at.getTime()}_${last.id}` : null };
}
