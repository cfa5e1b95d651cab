import { expect, test } from 'vitest';
import { z } from 'zod';
import { explainError, findNearest, object, oneOf } from './common.ts';

const Base = object({ cursor: z.string().optional() });
const Extended = Base.extend({
  search: z.string().optional(),
  sort: object({ column: oneOf(['name', 'size']) }).optional(),
});
const explain = (value: unknown) => explainError(Extended.safeParse(value).error!);

test.each([
  [{ serach: 'x' }, '"serach" is not known here: did you mean "search"?'],
  [{ zzz: 1 }, '"zzz" is not known here. Known: cursor, search, sort.'],
  [{ sort: { colum: 'name' } }, /sort: "colum" is not known here: did you mean "column"\?/],
  [{ sort: { column: 'nmae' } }, 'sort.column: "nmae" is not known here: did you mean "name"?'],
])('%j names the nearest key', (value, message) => {
  expect(explain(value)).toMatch(message);
});

test.each([
  ['temprature', ['temperature', 'top_p'], 'temperature'],
  ['ROUGEL', ['rougeL', 'rougeLsum'], 'rougeL'],
  ['xyz', ['temperature'], null],
  ['a', [], null],
])('the nearest to %s of %j is %s', (name, known, nearest) => {
  expect(findNearest(name, known)).toBe(nearest);
});
