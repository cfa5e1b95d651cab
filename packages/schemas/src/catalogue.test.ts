import { expect, test } from 'vitest';
import { CATALOGUE, priceOf } from './catalogue.ts';
import { BaseUrl, SecretName } from './model.ts';
import { PROVIDER_IDS, PROVIDERS, paramsFor, providerOf } from './provider.ts';
import { TaskName } from './task.ts';

test.each(PROVIDER_IDS)('the preset of %s holds together', (id) => {
  const { base_url, secret, kind, start, docs } = PROVIDERS[id];
  expect(BaseUrl.parse(base_url)).toBe(base_url);
  expect(new URL(docs).protocol).toBe('https:');
  if (secret !== null) expect(SecretName.parse(secret)).toBe(secret);
  expect(base_url.startsWith('https:'), 'a hosted provider gets keys, so it is reached by TLS').toBe(kind === 'hosted');
  expect(secret !== null).toBe(kind === 'hosted');
  expect(start !== null, 'a local server says how it is started').toBe(kind === 'local');
});

test('no two models have one id, and every task has several', () => {
  const ids = CATALOGUE.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const task of TaskName.options) {
    expect(CATALOGUE.filter(({ tasks }) => tasks.includes(task)).length, task).toBeGreaterThan(5);
  }
});

test('every price says when and where it was read', () => {
  const prices = CATALOGUE.flatMap(({ routes }) => routes.flatMap(({ price }) => price ?? []));
  expect(prices.length).toBeGreaterThan(5);
  for (const { as_of, source, input, output } of prices) {
    expect(Math.min(input, output)).toBeGreaterThan(0);
    expect(Date.parse(as_of)).toBeLessThan(Date.now());
    expect(source).toMatch(/^https:/);
  }
});

test('a model for which no model server is known sets no parameters of calls', () => {
  for (const { id, routes, params } of CATALOGUE) if (routes.length === 0) expect([id, params]).toEqual([id, {}]);
});

test.each([
  ['https://api.openai.com/v1', 'openai'],
  ['https://api.openai.com/v1/', 'openai'],
  ['https://contoso.openai.azure.com/openai/v1', 'azure-openai'],
  ['https://openai.azure.com.evil.example/v1', null],
  ['https://api.openai.com.evil.example/v1', null],
  ['http://127.0.0.1:11434/v1', null],
  ['not an address', null],
])('%s is of %s', (address, provider) => {
  expect(providerOf(address)).toBe(provider);
});

test.each([
  ['openai', { temperature: 0, max_tokens: 5 }, { temperature: 0, max_completion_tokens: 5 }],
  ['openai', { max_tokens: 5, max_completion_tokens: 7 }, { max_completion_tokens: 7 }],
  ['mistral', { max_tokens: 5 }, { max_tokens: 5 }],
  [null, { max_tokens: 5 }, { max_tokens: 5 }],
  ['openai', {}, {}],
] as const)('for %s, %j becomes %j', (provider, params, named) => {
  expect(paramsFor(provider, params)).toEqual(named);
});

test('a price is known for a model of a provider, and for no other of its name', () => {
  expect(priceOf('openai', 'gpt-4o-mini')).toEqual({ input: 0.15, output: 0.6 });
  expect(priceOf('azure-openai', 'gpt-4o-mini')).toBeNull();
  expect(priceOf(null, 'gpt-4o-mini')).toBeNull();
});
