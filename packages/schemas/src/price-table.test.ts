import { expect, test } from 'vitest';
import { PricedAt } from './price-table.ts';

test.each(['openai', 'http://127.0.0.1:8000', 'https://api.example.com'])('%j is where a model is paid for', (at) => {
  expect(PricedAt.parse(at)).toBe(at);
});

test.each(['', 'nobody', 'http://', 'http://host/v1', 'http://host/', 'ftp://host', 'http://me:key@host'])(
  '%j is not, in words',
  (at) => {
    expect(PricedAt.safeParse(at).error?.issues[0]?.message).toMatch(/A provider, such as openai, or scheme/);
  },
);
