import { expect, test } from 'vitest';
import { explainAnswer, readModels } from './answer.ts';

const json = (value: unknown) => JSON.stringify(value);
const error = (message: string) => json({ error: { message } });
const chat = json({ choices: [{ message: { content: 'OK' } }] });

function explain(status: number, text: string, asked: { base?: string; model?: string | null; key?: boolean } = {}) {
  const { base = 'http://host:8000/v1', model = 'm', key = true } = asked;
  const url = new URL(`${base}/${model === null ? 'models' : 'chat/completions'}`);
  const answer = { status, text, location: status === 307 ? 'https://other.example/v1' : null, latency_ms: 1 };
  return explainAnswer(answer, { url, has_secret: key, model });
}

test.each([
  ['an answer', 200, chat, {}],
  ['a message of Anthropic', 200, json({ type: 'message', content: [] }), {}],
  ['a list of models', 200, json({ object: 'list', data: [{ id: 'm' }] }), { model: null }],
  ['a bare list of models', 200, json([{ id: 'm' }]), { model: null }],
  ['an empty list of models', 200, json({ data: [] }), { model: null }],
  [
    'a reasoning model cut short',
    400,
    error('Could not finish the message because max_tokens or model output limit was reached.'),
    {},
  ],
] as const)('%s is no problem', (_, status, text, asked) => {
  expect(explain(status, text, asked)).toBeNull();
});

test.each([
  ['a wrong key', 401, error('Incorrect API key'), {}, 'auth', /refuses the key \(HTTP 401\).*Incorrect API key/],
  ['no key', 401, error('no'), { key: false }, 'auth', /asks for a key: choose one/],
  ['an unknown model', 404, error('The model `m` does not exist'), {}, 'unknown_model', /know the model "m"/],
  ['an unknown model, Ollama', 404, error('model "m" not found'), {}, 'unknown_model', /know the model "m"/],
  ['an unknown model, Mistral', 400, json({ message: 'Invalid model: m' }), {}, 'unknown_model', /Invalid model: m/],
  ['no route', 404, 'not found', {}, 'not_compatible', /no \/v1\/chat\/completions/],
  ['a forgotten /v1', 404, '', { base: 'http://host:8000' }, 'not_compatible', /did you forget \/v1\?/],
  ['a web page', 200, '<!doctype html>', { base: 'http://host' }, 'not_compatible', /a web page.*forget \/v1/],
  ['not JSON', 200, 'Ollama is running', {}, 'not_compatible', /not JSON/],
  ['another JSON', 200, json({ hello: 1 }), {}, 'not_compatible', /no choices in it/],
  ['another list', 200, json({ models: [] }), { model: null }, 'not_compatible', /no list of models/],
  ['null', 200, 'null', {}, 'not_compatible', /no choices/],
  ['an error with 200', 200, error('overloaded'), {}, 'failed', /answers with an error: overloaded/],
  ['a redirect', 307, '', {}, 'redirect', /redirect to https:\/\/other.example\/v1, which is not followed/],
  ['no credit', 429, error('You exceeded your current quota'), {}, 'no_credit', /no credit left/],
  ['a rate limit', 429, error('slow down'), {}, 'rate_limited', /try again later/],
  ['a failure', 503, 'loading', {}, 'failed', /HTTP 503.*loading/],
  ['a refusal', 422, json({ detail: 'temperature' }), {}, 'bad_request', /HTTP 422.*temperature/],
] as const)('%s is said so', (_, status, text, asked, code, message) => {
  expect(explain(status, text, asked)).toEqual({ code, message: expect.stringMatching(message) });
});

test('what the endpoint says is shortened to one line', () => {
  const { message } = explain(500, error(`a\n\u0000b ${'x'.repeat(10_000)}`))!;
  expect(message).toContain('a b xxx');
  expect(message.length).toBeLessThan(500);
});

test('of a list of models only names are kept, each once', () => {
  expect(readModels({ data: [{ id: 'a' }, { id: 'a' }, { id: 7 }, null, 'b', { id: '' }, { id: 'c' }] })).toEqual([
    'a',
    'c',
  ]);
  expect(readModels({ data: {} })).toBeNull();
  expect(readModels(null)).toBeNull();
});
