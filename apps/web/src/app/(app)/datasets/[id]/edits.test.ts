import { expect, test } from 'vitest';
import { countEdits, type Edits, movePlace, NO_EDITS, toChanges, withEdit } from './edits.ts';

const edit = (edits: Edits, row_id: number, column: string, value: string, stored = 'old') =>
  withEdit(edits, { row_id, column, stored, value });

test('cells are changed, changed again, and back to what they were', () => {
  let edits = edit(NO_EDITS, 3, 'a', 'x');
  edits = edit(edits, 3, 'b', 'y');
  edits = edit(edits, 7, 'a', '');
  edits = edit(edits, 3, 'a', 'z');
  expect(countEdits(edits)).toBe(3);
  expect(toChanges(edits)).toEqual([
    { row_id: 3, column: 'a', value: 'z' },
    { row_id: 3, column: 'b', value: 'y' },
    { row_id: 7, column: 'a', value: '' },
  ]);
  edits = edit(edits, 7, 'a', 'old');
  edits = edit(edits, 3, 'a', 'old');
  expect(toChanges(edits)).toEqual([{ row_id: 3, column: 'b', value: 'y' }]);
  expect(countEdits(NO_EDITS)).toBe(0);
});

test.each([
  ['ArrowDown', { row: 2, column: 1 }],
  ['ArrowUp', { row: 0, column: 1 }],
  ['ArrowLeft', { row: 1, column: 0 }],
  ['ArrowRight', { row: 1, column: 2 }],
  ['Home', { row: 1, column: 0 }],
  ['End', { row: 1, column: 2 }],
  ['PageUp', { row: 0, column: 1 }],
  ['PageDown', { row: 3, column: 1 }],
  ['a', null],
])('%s moves the selected cell', (key, place) => {
  expect(movePlace({ row: 1, column: 1 }, key, { rows: 4, columns: 3 })).toEqual(place);
});

test('at the edge it stays', () => {
  expect(movePlace({ row: 3, column: 2 }, 'ArrowDown', { rows: 4, columns: 3 })).toEqual({ row: 3, column: 2 });
  expect(movePlace({ row: 0, column: 0 }, 'ArrowLeft', { rows: 4, columns: 3 })).toEqual({ row: 0, column: 0 });
});
