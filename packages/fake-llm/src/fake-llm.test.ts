/** The command as people start it, called over HTTP. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeLlm, hashOf, startFakeLlm } from './index.ts';

let fake: FakeLlm;
beforeAll(async () => {
  fake = await startFakeLlm();
});
afterAll(() => fake.stop());

const SENTENCE = 'The café opened. It was late.';

function call(prompt: string, more: object = {}, of = fake, path = 'chat/completions', headers = {}) {
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: prompt }], ...more });
  return fetch(`${of.base_url}/${path}`, { method: 'POST', body, headers });
}

/** What the tests look at of an answer or an event, of either protocol. */
type Said = {
  type: string;
  choices: { message: object; delta: Record<string, string>; finish_reason: string | null }[];
  delta?: Record<string, string>;
  usage: object;
};

/** The values of a stream's data lines. */
async function events(response: Response): Promise<Said[]> {
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith('data: {'));
  return lines.map((line) => JSON.parse(line.slice(6)) as Said);
}

describe('an ordinary call', () => {
  test('is answered by OpenAI’s protocol, whole and streamed alike', async () => {
    const whole = (await (await call(`Summarize:\n\n${SENTENCE}`)).json()) as Said;
    expect(whole.choices[0]).toMatchObject({ message: { content: 'The café opened.' }, finish_reason: 'stop' });
    expect(whole.usage).toEqual({ prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 });
    const options = { stream: true, stream_options: { include_usage: true } };
    const response = await call(`Summarize:\n\n${SENTENCE}`, options);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const chunks = await events(response);
    const text = chunks.map(({ choices: [choice] }) => choice?.delta.content ?? '').join('');
    expect([text, chunks.at(-1)!.usage]).toEqual(['The café opened.', whole.usage]);
    expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe('stop');
  });

  test('is answered by Anthropic’s protocol, whole and streamed alike', async () => {
    const whole = (await (await call(SENTENCE, {}, fake, 'messages')).json()) as Said;
    expect(whole).toMatchObject({
      content: [{ type: 'text', text: 'The café opened.' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 6, output_tokens: 3 },
    });
    const streamed = await events(await call(`${SENTENCE} [fake: reasoning]`, { stream: true }, fake, 'messages'));
    const types = streamed.map(({ type }) => type);
    expect(types.slice(0, 3)).toEqual(['message_start', 'ping', 'content_block_start']);
    expect(types.slice(-3)).toEqual(['content_block_stop', 'message_delta', 'message_stop']);
    const join = (kind: string) => streamed.map(({ delta }) => delta?.[kind] ?? '').join('');
    expect([join('thinking'), join('text')]).toEqual(['Let me think about this.', 'The café opened.']);
  });

  test('asks for the key where there is one', async () => {
    await using locked = await startFakeLlm({ require_key: 'k' });
    expect((await call('x', {}, locked)).status).toBe(401);
    expect((await call('x', {}, locked, 'chat/completions', { authorization: 'Bearer k' })).status).toBe(200);
    expect((await call('x', {}, locked, 'messages', { 'x-api-key': 'k' })).status).toBe(200);
    expect((await fetch(`${locked.base_url}/models`)).status).toBe(401);
    expect(await locked.counts()).toMatchObject({ calls: 3, answered: 2, in_flight: 0 });
  });
});

describe('a prompt chooses', () => {
  test.each([
    ['retry-after=2', 'retry-after', '2'],
    ['retry-after-ms=1500', 'retry-after-ms', '1500'],
    ['retry-date=2', 'retry-after', expect.stringMatching(/GMT$/)],
    ['x-ratelimit=2', 'x-ratelimit-reset-requests', '2s'],
    ['anthropic-ratelimit=2', 'anthropic-ratelimit-requests-reset', expect.stringMatching(/^\d{4}-.*Z$/)],
  ])('a 429 with %s', async (option, header, value) => {
    const response = await call(`x [fake: 429 ${option}]`);
    expect([response.status, response.headers.get(header)]).toEqual([429, value]);
  });

  test('to fail for its first calls alone', async () => {
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await call('patience [fake: 529 first=2]')).status);
    expect(statuses).toEqual([529, 529, 200]);
    await expect(call('closed [fake: drop first=1]')).rejects.toThrow();
    expect((await call('closed [fake: drop first=1]')).status).toBe(200);
  });

  test.each([
    ['empty', '"content":""'],
    ['null', '"content":null'],
    ['think', '<think>'],
    ['malformed', '<html>'],
    ['wrong-shape', 'not a list'],
    ['error-in-200', '"error"'],
    ['words=3', 'word word word'],
  ])('an answer of the kind %s', async (kind, part) => {
    const response = await call(`x [fake: ${kind}]`);
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining(part)]);
  });

  test.each([
    ['', { reason: expect.any(String), score: expect.any(Number) }],
    ['[fake: score=9]', { reason: expect.any(String), score: 9 }],
  ])('with a schema, an answer in its shape: %s', async (marker, shape) => {
    const properties = { reason: { type: 'string' }, score: { type: 'integer', enum: [1, 2, 3] } };
    const schema = { type: 'object', properties };
    const ask = async (more: object, path: string) => {
      const said = (await (await call(`Judge this. ${marker}`, more, fake, path)).json()) as {
        choices?: [{ message: { content: string } }];
        content?: [{ text: string }];
      };
      return said.choices?.[0].message.content ?? said.content![0].text;
    };
    const openai = await ask({ response_format: { json_schema: { schema } } }, 'chat/completions');
    expect(JSON.parse(openai)).toEqual(shape);
    expect(await ask({ output_config: { format: { schema } } }, 'messages')).toBe(openai);
  });

  test('an answer out of shape, until it sees that one', async () => {
    const more = { response_format: { json_schema: { schema: { type: 'string', enum: ['yes'] } } } };
    const ask = async (prompt: string) => {
      const said = (await (await call(prompt, more)).json()) as { choices: [{ message: { content: string } }] };
      return said.choices[0].message.content;
    };
    expect(await ask('Good? [fake: misshapen-once]')).toBe('Good?');
    expect(await ask('Your earlier reply: Good? [fake: misshapen-once]')).toBe('"yes"');
    expect(await ask('Your earlier reply: Good? [fake: misshapen]')).toBe('Your earlier reply: Good?');
    expect(await ask('Good? [fake: echo]')).toBe('Good? [fake: echo]');
  });

  test('the key in an error', async () => {
    const response = await call('x [fake: echo-key]', {}, fake, 'chat/completions', { authorization: 'Bearer sk-1' });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('sk-1')]);
  });

  test.each([{ stream: false }, { stream: true }])('an answer that is cut off: %o', async (more) => {
    const before = (await fake.counts()).answered;
    await expect(call('One two three four five six. [fake: cut]', more).then((r) => r.text())).rejects.toThrow();
    expect((await fake.counts()).answered).toBe(before);
  });

  test.each(['hang', 'drip'])('to %s until the client leaves', async (kind) => {
    const signal = AbortSignal.timeout(300);
    const body = JSON.stringify({ messages: [{ role: 'user', content: `x [fake: ${kind}]` }] });
    const asked = fetch(`${fake.base_url}/chat/completions`, { method: 'POST', body, signal }).then((r) => r.text());
    await expect(asked).rejects.toThrow('timeout');
    await expect.poll(async () => (await fake.counts()).in_flight).toBe(0);
  });

  test('50 MB, and a gzip body that is small', { timeout: 60_000 }, async () => {
    expect((await (await call('x [fake: huge]')).text()).length).toBeGreaterThan(50_000_000);
    const bomb = await call('x [fake: bomb]');
    expect(bomb.headers.get('content-encoding')).toBe('gzip');
    await bomb.body!.cancel();
  });

  test('what there is not, and is told what there is', async () => {
    const response = await call('x [fake: hangs]');
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('cut, malformed')]);
  });
});

describe('all calls', () => {
  test('wait for a worker, or are refused beyond a number', async () => {
    await using slow = await startFakeLlm({ workers: 2, latency_ms: 100 });
    const from = performance.now();
    await Promise.all(Array.from({ length: 6 }, (_, i) => call(`row ${i}`, {}, slow)));
    expect(performance.now() - from).toBeGreaterThan(290);
    await slow.set({ workers: 0, max_in_flight: 4 });
    const answers = await Promise.all(Array.from({ length: 6 }, (_, i) => call(`row ${i}`, {}, slow)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 200, 200, 429, 429]);
  });

  test('are refused in a storm, and change what they get when told to', async () => {
    await using stormy = await startFakeLlm({ storm_s: [0, 0.5], storm: '429 retry-after=1' });
    const first = await call('x', {}, stormy);
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '1']);
    await expect.poll(async () => (await call('x', {}, stormy)).status, { timeout: 2000 }).toBe(200);
    await stormy.set({ every: '503' });
    expect((await call('x', {}, stormy)).status).toBe(503);
    await expect(stormy.set({ every: 'nonsense' })).rejects.toThrow('There is no behaviour');
  });

  test('take a latency that is drawn, the same in every run', async () => {
    const time = async () => {
      await using fake = await startFakeLlm({ latency_ms: [50, 300] });
      const from = performance.now();
      await call('row', {}, fake);
      return performance.now() - from;
    };
    const [a, b] = [await time(), await time()];
    expect(Math.min(a, b)).toBeGreaterThan(49);
    expect(Math.abs(a - b)).toBeLessThan(40);
  });
});

test('the ledger is on the disk before a call is answered, and survives a kill', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fake-llm-'));
  try {
    const ledger = join(folder, 'ledger.jsonl');
    await using first = await startFakeLlm({ ledger });
    await Promise.all(Array.from({ length: 50 }, (_, i) => call(`row ${i % 25}`, {}, first)));
    const lines = readFileSync(ledger, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(100);
    expect(JSON.parse(lines[0]!)).toMatchObject({ call: 1, prompt: hashOf('row 0'), stream: false });
    await first.stop();
    await using second = await startFakeLlm({ ledger });
    await call('row 0', {}, second);
    const { calls, answered, prompts, answers } = await second.ledger();
    expect([calls, answered]).toEqual([51, 51]);
    expect([prompts[hashOf('row 0')], answers[hashOf('row 1')]]).toEqual([3, 2]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the command explains itself, and what it does not understand', async () => {
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'bin', 'fake-llm.mjs'), ...args]);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (said += part));
    const [code] = (await once(child, 'close')) as [number];
    return { code, said };
  };
  expect(await run('--help')).toEqual({ code: 0, said: expect.stringContaining('[fake: 429 retry-after=2 first=3]') });
  expect(await run('--latency-ms', 'slow')).toEqual({ code: 2, said: expect.stringContaining('"slow"') });
});
