import type { EndpointRecord } from '@touchstone/db';
import { describe, expect, test } from 'vitest';
import { type Caller, grantFor, splitLimit } from './grants.ts';

describe('a limit is split', () => {
  test.each([
    [64, [null], [64]],
    [64, [null, null], [32, 32]],
    [10, [null, null, null], [4, 3, 3]],
    [64, [8, null], [8, 56]],
    [64, [100, 8, 20], [36, 8, 20]],
    [64, [64, 64], [32, 32]],
    [2, [null, null, null], [1, 1, 1]],
    [1, [5], [1]],
    [7, [1, 1, null, null], [1, 1, 3, 2]],
  ])('%s over %j: %j', (limit, wants, parts) => {
    expect(splitLimit(limit, wants)).toEqual(parts);
    expect(parts.reduce((a, b) => a + b)).toBeLessThanOrEqual(Math.max(limit, wants.length));
  });
});

const OPENAI = 'https://api.openai.com/v1';

const caller = (id: string, change: Partial<Caller> = {}): Caller => ({
  id,
  base_url: OPENAI,
  secret: 'key',
  concurrency: null,
  granted: null,
  held: null,
  ...change,
});

const endpoint = (change: Partial<EndpointRecord>): EndpointRecord => ({
  name: 'e',
  base_url: OPENAI,
  secret: 'key',
  concurrency: null,
  provider: null,
  created_at: new Date(0),
  updated_at: new Date(0),
  ...change,
});

describe('a job may call as often at once', () => {
  test('as was set for its model, from the first call on', () => {
    expect(grantFor('a', [caller('a', { concurrency: 64 })], [])).toEqual({ concurrency: 64, first_concurrency: null });
  });

  test.each([
    ['https://api.openai.com/v1', 10],
    ['https://llm.example.com/v1', 10],
    ['http://127.0.0.1:11434/v1', 4],
    ['http://10.0.0.7:8000/v1', 4],
    ['http://gpu-box:8000/v1', 4],
    ['http://[::1]:8000/v1', 4],
  ])('as is found by trying where nobody set a number: %s begins with %s', (base_url, first_concurrency) => {
    expect(grantFor('a', [caller('a', { base_url })], [])).toEqual({ concurrency: 256, first_concurrency });
  });

  test('as the preset of its registered endpoint begins with', () => {
    const base_url = 'http://10.0.0.7:8000/v1';
    const registered = endpoint({ base_url, provider: 'vllm' });
    expect(grantFor('a', [caller('a', { base_url })], [registered]).first_concurrency).toBe(32);
  });

  test('as its registered endpoint takes, whatever was set for the model', () => {
    const registered = [endpoint({ concurrency: 8 }), endpoint({ secret: 'other', concurrency: 99 })];
    const callers = [caller('a', { concurrency: 64 }), caller('b')];
    expect(grantFor('a', callers, registered)).toEqual({ concurrency: 4, first_concurrency: null });
    expect(grantFor('b', callers, registered)).toEqual({ concurrency: 4, first_concurrency: null });
  });

  test('as there is left beside those with the same key at the same origin', () => {
    const callers = [
      caller('a', { concurrency: 20 }),
      caller('b', { base_url: 'https://api.openai.com/v2' }),
      caller('c', { secret: 'other' }),
      caller('d', { base_url: 'https://api.mistral.ai/v1' }),
    ];
    expect(grantFor('a', callers, [])).toEqual({ concurrency: 10, first_concurrency: null });
    expect(grantFor('b', callers, [])).toEqual({ concurrency: 10, first_concurrency: 10 });
    expect(grantFor('c', callers, [])).toEqual({ concurrency: 256, first_concurrency: 10 });
  });

  test('and those that look for the number begin with a part of the first one', () => {
    const callers = [caller('a'), caller('b'), caller('c')];
    expect(grantFor('b', callers, [])).toEqual({ concurrency: 85, first_concurrency: 3 });
  });
});

describe('a part grows only once the others keep to theirs', () => {
  const set = { concurrency: 64 };

  test('one that comes waits while the other still holds all', () => {
    const callers = [caller('a', { ...set, granted: 64, held: 64 }), caller('b', set)];
    expect(grantFor('b', callers, []).concurrency).toBe(0);
    expect(grantFor('a', callers, []).concurrency).toBe(32);
  });

  test('what was taken back counts until its driver has said so, and its calls are over', () => {
    const b = caller('b', { ...set, granted: 0, held: 0 });
    const after = (held: number) => grantFor('b', [caller('a', { ...set, granted: 32, held }), b], []).concurrency;
    expect([64, 50, 32, 20].map(after)).toEqual([0, 14, 32, 32]);
  });

  test('where the limit is lowered, each goes down to its part and no further', () => {
    const callers = ['a', 'b'].map((id) => caller(id, { granted: 10, held: 10 }));
    const registered = [endpoint({ concurrency: 8 })];
    expect(callers.map(({ id }) => grantFor(id, callers, registered).concurrency)).toEqual([4, 4]);
  });

  test('one that is alone again has everything', () => {
    expect(grantFor('b', [caller('b', { ...set, granted: 32, held: 32 })], []).concurrency).toBe(64);
  });

  test('where the limit is less than one for each, each has one', () => {
    const callers = ['a', 'b', 'c'].map((id) => caller(id, { concurrency: 2, granted: 1, held: 1 }));
    expect(callers.map(({ id }) => grantFor(id, callers, []).concurrency)).toEqual([1, 1, 1]);
  });

  test('whatever the order in which they are looked at, together they never have more than the limit', () => {
    const limit = 10;
    const registered = [endpoint({ concurrency: limit })];
    let callers = [caller('a', { granted: 10, held: 10 })];
    const sum = () => callers.reduce((all, { granted, held }) => all + Math.max(granted ?? 0, held ?? 0), 0);
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    for (let step = 0; step < 3000; step++) {
      const at = random(callers.length || 1);
      const what = random(20);
      if (what === 0 && callers.length < 5) callers.push(caller(`n${step}`));
      else if (what === 1 && callers.length > 1) callers = callers.filter((_, index) => index !== at);
      else if (what < 10 && callers[at]) callers[at] = { ...callers[at], held: callers[at].granted };
      else if (callers[at]) {
        const { concurrency } = grantFor(callers[at].id, callers, registered);
        callers[at] = { ...callers[at], granted: concurrency };
      }
      expect(sum()).toBeLessThanOrEqual(limit);
    }
    for (let round = 0; round < 3; round++) {
      for (const [index, one] of callers.entries()) {
        const { concurrency } = grantFor(one.id, callers, registered);
        callers[index] = { ...one, granted: concurrency, held: concurrency };
      }
    }
    expect(sum()).toBe(limit);
  });
});
