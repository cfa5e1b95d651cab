import { DEFAULT_RULE, type RecommendRule } from '@touchstone/schemas';
import { expect, test } from 'vitest';
import { readLimit, readRule, ruleParams, typedLimit } from './rule.ts';

const read = (query: string, stored: RecommendRule = DEFAULT_RULE) => readRule(new URLSearchParams(query), stored);

test('a rule is read from the URL; a share is a percentage there', () => {
  expect(read('')).toEqual(DEFAULT_RULE);
  expect(
    read('rule=not_worse_by_delta&prefer=fastest&local=1&delta=0.02&max_failed=5&max_latency=2000&max_cost=1.5'),
  ).toEqual({
    rule: 'not_worse_by_delta',
    prefer: 'fastest',
    local_only: true,
    delta: 0.02,
    max_failed: 0.05,
    max_latency_p95: 2000,
    max_cost: 1.5,
  });
});

test('what the URL does not say is as the experiment has it', () => {
  const stored: RecommendRule = { rule: 'best', prefer: 'fastest', local_only: true, max_failed: 0.05, max_cost: 2 };
  expect(read('', stored)).toEqual(stored);
  expect(read('max_cost=none&local=0&prefer=cheapest', stored)).toEqual({ ...DEFAULT_RULE, max_failed: 0.05 });
});

test('a change is in the URL until it is as the experiment has it again', () => {
  const stored: RecommendRule = { ...DEFAULT_RULE, max_failed: 0.05 };
  const written = ruleParams({ limit: 'max_failed', text: '' }, stored);
  expect(written).toEqual({ max_failed: 'none' });
  expect(typedLimit('max_failed', new URLSearchParams('max_failed=none'), stored)).toBe('');
  expect(typedLimit('max_failed', new URLSearchParams(), stored)).toBe('5');
  expect(ruleParams({ limit: 'max_failed', text: '5' }, stored)).toEqual({ max_failed: null });
  expect(ruleParams({ local_only: true }, stored)).toEqual({ local: '1' });
  expect(ruleParams({ rule: 'best', prefer: 'fastest' }, stored)).toEqual({ rule: null, prefer: 'fastest' });
});

test.each([
  'prefer=best',
  'rule=worst',
  'delta=-1',
  'delta=much',
  'max_failed=101',
  'max_latency=0',
  'max_cost=1e9',
  'delta=',
])('what cannot be a rule is left out: %s', (query) => {
  expect(read(query)).toEqual(DEFAULT_RULE);
});

test('a limit that cannot be one is told', () => {
  expect(readLimit('max_failed', '101')).toBeNull();
  expect(readLimit('max_failed', ' 2.5 ')).toBe(0.025);
});
