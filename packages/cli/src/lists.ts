import { BadInput, Failure } from './failure.ts';
import { oneLine } from './text/width.ts';

type Page<T> = { items: T[]; next_cursor: string | null };
type ReadPage<T> = (page: { cursor: string | null; limit: number }) => Promise<Page<T>>;

const PAGE = 200;

/** Every item of a list, or the first `atMost`. */
export async function listAll<T>(readPage: ReadPage<T>, atMost = Number.POSITIVE_INFINITY): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await readPage({ cursor, limit: Math.min(PAGE, atMost - items.length) });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null && items.length < atMost);
  return items;
}

/** The part of an id that lists show, enough to name one thing. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** A whole id, or what may be the first characters of one. */
export function isStartOfId(given: string): boolean {
  return START_OF_UUID.test(given.toLowerCase());
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const START_OF_UUID = /^[0-9a-f]{4}[0-9a-f-]*$/;

/** The id that was meant: a whole one, or its first characters (four or more). @throws Failure where none or several fit */
export async function resolveId(
  noun: string,
  given: string,
  readPage: ReadPage<{ id: string; name?: string }>,
): Promise<string> {
  const id = given.toLowerCase();
  if (UUID.test(id)) return id;
  if (!isStartOfId(given)) {
    throw new BadInput(
      `"${given}" is not an id: give the one that \`npx touchstone ${noun}s list\` shows, or its first characters (four or more).`,
    );
  }
  const found = (await listAll(readPage)).filter((item) => item.id.startsWith(id));
  const [first, second] = found;
  if (!first)
    throw new Failure(
      `There is no ${noun} whose id starts with "${given}": \`npx touchstone ${noun}s list\` shows them.`,
    );
  if (second) {
    const all = found.map((item) => `  ${item.id}${item.name === undefined ? '' : `  ${oneLine(item.name)}`}`);
    throw new Failure(`Several ${noun}s have an id that starts with "${given}":\n${all.join('\n')}`);
  }
  return first.id;
}
