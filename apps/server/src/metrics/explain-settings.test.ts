import { type MetricRef, resolveMetrics } from '@touchstone/schemas';
import { expect, test } from 'vitest';
import { explainSettings } from './explain-settings.ts';

const explain = (ref: MetricRef) => explainSettings(resolveMetrics([ref])[0]!);

test.each([
  ['\\d{4}-\\d\\d', null],
  ['(?i)^dear \\p{L}+', null],
  ['(', /missing closing \)/],
  ['a{2000}', /invalid repeat/],
  ['(?=x)', /\(\?=/],
  ['(a)\\1', /\\1/],
])('the pattern %s', (pattern, message) => {
  const found = explain({ type: 'regex', pattern });
  if (message === null) expect(found).toBeNull();
  else expect(found).toMatch(message);
});

test.each([
  ['an object', { type: 'object', properties: { id: { type: 'string', pattern: '^x' } }, required: ['id'] }, null],
  ['one that comes back to itself', { $ref: '#' }, null],
  ['a property that is called $ref', { properties: { $ref: { type: 'string' } } }, null],
  ['of another draft', { $schema: 'http://json-schema.org/draft-07/schema#' }, /only draft 2020-12/],
  ['a type that is none', { type: 'objekt' }, /\/type must be/],
  [
    'a reference to another machine',
    { items: { $ref: 'https://example.com/a.json' } },
    /leads to a place in the schema/,
  ],
  ['a reference to a file', { $ref: 'file:///etc/passwd' }, /leads to a place in the schema/],
] as const)('a schema: %s', (_, schema, message) => {
  const found = explain({ type: 'json_schema', schema: schema as never });
  if (message === null) expect(found).toBeNull();
  else expect(found).toMatch(message);
});
