import { describe, expect, test, vi } from 'vitest';
import { listAll, resolveId } from './lists.ts';

const items = Array.from({ length: 450 }, (_, i) => ({
  id: `${i.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
  name: `thing ${i}`,
}));

const readPage = vi.fn(async ({ cursor, limit }: { cursor: string | null; limit: number }) => {
  const from = Number(cursor ?? 0);
  const to = from + limit;
  return { items: items.slice(from, to), next_cursor: to < items.length ? String(to) : null };
});

test('every page is read, and no more than asked for', async () => {
  expect(await listAll(readPage)).toEqual(items);
  readPage.mockClear();
  expect(await listAll(readPage, 250)).toEqual(items.slice(0, 250));
  expect(readPage.mock.calls.map(([page]) => page.limit)).toEqual([200, 50]);
});

describe('an id', () => {
  test('is taken as it is where it is whole, without asking', async () => {
    readPage.mockClear();
    const id = 'ABCDEF12-0000-4000-8000-000000000000';
    expect(await resolveId('thing', id, readPage)).toBe(id.toLowerCase());
    expect(readPage).not.toHaveBeenCalled();
  });
  test('may be its first characters', async () => {
    expect(await resolveId('thing', '000001c1', readPage)).toBe(items[449]!.id);
  });
  test.each([
    [
      '0000001',
      'Several things have an id that starts with "0000001":\n  00000010-0000-4000-8000-000000000000  thing 16\n',
    ],
    ['ffff', 'There is no thing whose id starts with "ffff": `npx touchstone things list` shows them.'],
    ['thing 7', '"thing 7" is not an id'],
    ['000', '"000" is not an id'],
  ])('that does not name one thing: %s', async (given, message) => {
    await expect(resolveId('thing', given, readPage)).rejects.toThrow(message);
  });
});
