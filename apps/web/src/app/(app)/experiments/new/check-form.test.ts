import { resolveMetrics } from '@touchstone/schemas';
import { describe, expect, test } from 'vitest';
import { type CheckForm, checkFormOf, EMPTY_CHECK, readCheck, suggestName } from './check-form.ts';

const form = (changes: Partial<CheckForm>): CheckForm => ({ ...EMPTY_CHECK, ...changes });
const read = (changes: Partial<CheckForm>, others: { name: string }[] = []) => readCheck(form(changes), others);

test.each([
  [
    { type: 'contains', text: ' refund ' },
    { text: ' refund ', ignore_case: false },
  ],
  [
    { type: 'starts_with', text: 'Dear', ignore_case: true },
    { text: 'Dear', ignore_case: true },
  ],
  [
    { type: 'contains_any', texts: 'a b\n\nc' },
    { texts: ['a b', 'c'], ignore_case: false },
  ],
  [
    { type: 'regex', pattern: '\\d' },
    { pattern: '\\d', ignore_case: false },
  ],
  [{ type: 'json_schema', schema: '{"type": "object"}' }, { schema: { type: 'object' } }],
  [
    { type: 'number_match', relative_tolerance: ' 0.05' },
    { absolute_tolerance: 0, relative_tolerance: 0.05 },
  ],
] as const)('%j', (changes, settings) => {
  const { check, errors } = read({ ...changes, name: 'mine' });
  expect(errors).toEqual({});
  expect(check).toEqual({ type: changes.type, name: 'mine', ...settings });
  expect(readCheck(checkFormOf(check!), []).check).toEqual(check);
});

describe('what is wrong is said at its field', () => {
  test.each([
    [{ type: 'contains' }, 'text', /Say which text/],
    [{ type: 'contains_all', texts: '\n' }, 'texts', /at least one/],
    [{ type: 'regex' }, 'pattern', /Say which pattern/],
    [{ type: 'json_schema' }, 'schema', /Give a schema/],
    [{ type: 'json_schema', schema: '{' }, 'schema', /Not JSON/],
    [{ type: 'number_match', absolute_tolerance: 'some' }, 'absolute_tolerance', /A number/],
    [{ type: 'number_match', absolute_tolerance: '-1' }, 'absolute_tolerance', /At least 0/],
    [{ text: 'x', name: 'has number' }, 'name', /Letters, digits and _/],
    [{ text: 'x', name: 'ROUGE1' }, 'name', /a metric of its own/],
    [{ text: 'x', name: 'prediction' }, 'name', /another column/],
    [{ text: 'x', name: 'HAS_X' }, 'name', /Two metrics are named/],
  ] as const)('%j', (changes, field, message) => {
    const { check, errors } = read(changes, [{ name: 'has_x' }]);
    expect(check).toBeNull();
    expect(errors[field]).toMatch(message);
  });
});

test('a name is made of what is looked for, and is unique', () => {
  expect(suggestName(form({ text: 'No refund!' }), [])).toBe('contains_no_refund');
  expect(suggestName(form({ text: '退款' }), [])).toBe('contains');
  expect(suggestName(form({ type: 'regex', pattern: '\\d' }), [{ name: 'regex' }])).toBe('regex_2');
  const [check] = resolveMetrics([{ type: 'contains', text: 'a' }]);
  expect(checkFormOf(check!).name).toBe('contains');
});
