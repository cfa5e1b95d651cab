import type { ModelSettings } from '@touchstone/schemas';
import { describe, expect, test } from 'vitest';
import { type EarlierRun, type EstimateRequest, estimateModel, sumEstimates } from './estimate.ts';
import { countTokens, textLength } from './text-length.ts';

describe('tokens of a text by its characters', () => {
  test.each([
    ['', 0],
    ['Four', 1],
    ['Größe und “Naïveté” – ', 5.5],
    ['模型很好。', 5 / 1.2],
    ['모델', 2 / 1.2],
    ['Привет', 6 / 2.5],
    ['ab 中 д', 4 / 4 + 1 / 1.2 + 1 / 2.5],
    ['😀', 1 / 2.5],
  ])('%j', (text, tokens) => expect(countTokens(textLength(text))).toBeCloseTo(tokens));
});

const hosted: ModelSettings = { model: 'm', base_url: 'https://api.example.com/v1', price: { input: 1, output: 4 } };
const latin = (characters: number) => ({ latin: characters, cjk: 0, other: 0 });

/** 400 characters of input (100 tokens), 80 of reference (20 tokens), nothing else in the prompt. */
const request = (change: Partial<EstimateRequest> = {}): EstimateRequest => ({
  name: 'm',
  model: hosted,
  task: 'summarization',
  answers: 1000,
  prompt: '{{ text }}',
  system_prompt: null,
  input_column: 'text',
  reference_column: 'summary',
  lengths: { text: latin(400), summary: latin(80) },
  calls_at_once: 10,
  is_hosted: true,
  earlier: [],
  ...change,
});
const earlier = (change: Partial<EarlierRun> = {}): EarlierRun => ({
  task: 'summarization',
  answers: 100,
  seconds: 50,
  latency_ms: 2000,
  completion_tokens: 3500,
  ...change,
});

/** What one message adds, and the answer's beginning. */
const PLAIN = 100 + 4 + 3;

describe('tokens of a model', () => {
  test.each<[string, Partial<EstimateRequest>, { prompt: number; completion: number }]>([
    ['answers as long as the references', {}, { prompt: PLAIN, completion: 20 }],
    [
      'the prompt has its own words, a column twice, and a system prompt',
      { prompt: 'Sum: {{text}} / {{ text }}', system_prompt: 'Be terse' },
      { prompt: 2 * 100 + 8 / 4 + 8 / 4 + 2 * 4 + 3, completion: 20 },
    ],
    ['a prompt of its own', { model: { ...hosted, prompt: '{{summary}}' } }, { prompt: 20 + 4 + 3, completion: 20 }],
    [
      'never more than max_tokens',
      { model: { ...hosted, params: { max_tokens: 5 } } },
      { prompt: PLAIN, completion: 5 },
    ],
    [
      'max_completion_tokens too',
      { model: { ...hosted, params: { max_completion_tokens: 6 } } },
      { prompt: PLAIN, completion: 6 },
    ],
    ['no reference: the summary that is assumed', { reference_column: null }, { prompt: PLAIN, completion: 60 }],
    [
      'blank references: the same',
      { lengths: { text: latin(400), summary: latin(0) } },
      { prompt: PLAIN, completion: 60 },
    ],
    [
      'no reference: a translation as long as its input',
      { reference_column: null, task: { translation: { source: 'en', target: 'de' } } },
      { prompt: PLAIN, completion: 100 },
    ],
    [
      'the median of earlier runs before all else',
      { earlier: [earlier(), earlier({ completion_tokens: 9000 }), earlier({ completion_tokens: 100 })] },
      { prompt: PLAIN, completion: 35 },
    ],
    [
      'runs of another task, without tokens or without an answer say nothing',
      {
        earlier: [
          earlier({ task: 'text-generation' }),
          earlier({ completion_tokens: null }),
          earlier({ answers: 0, completion_tokens: 0 }),
        ],
      },
      { prompt: PLAIN, completion: 20 },
    ],
  ])('%s', (_, change, { prompt, completion }) => {
    expect(estimateModel(request(change)).tokens).toEqual({ prompt: prompt * 1000, completion: completion * 1000 });
  });
});

describe('money and time of a model', () => {
  const byTokens = (PLAIN * 1000 * 1 + 20 * 1000 * 4) / 1e6;
  const assumed = ((0.5 + 20 / 60) * 1000) / 10;
  const local: ModelSettings = { model: 'hf/a/b' };
  test.each<[string, Partial<EstimateRequest>, { cost: number | null; seconds: number | null }]>([
    ['a hosted model that never ran', {}, { cost: byTokens, seconds: assumed }],
    ['a price of 0 is known', { model: { ...hosted, price: { input: 0, output: 0 } } }, { cost: 0, seconds: assumed }],
    ['no price', { model: { model: 'm', base_url: hosted.base_url } }, { cost: null, seconds: assumed }],
    ['a server that never answered', { is_hosted: false }, { cost: byTokens, seconds: null }],
    [
      'one that did, at the median latency of its runs',
      {
        is_hosted: false,
        lengths: { text: latin(400), summary: latin(80) },
        earlier: [earlier({ completion_tokens: null }), earlier({ latency_ms: 4000, completion_tokens: null })],
      },
      { cost: byTokens, seconds: (3 * 1000) / 10 },
    ],
    ['fewer answers than calls at once', { answers: 1 }, { cost: byTokens / 1000, seconds: assumed / 100 }],
    ['by the hour', { model: { ...hosted, price: { per_hour: 3.6 } } }, { cost: assumed / 1000, seconds: assumed }],
    [
      'by the hour, of a time that nobody knows',
      { model: { ...hosted, price: { per_hour: 3.6 } }, is_hosted: false },
      { cost: null, seconds: null },
    ],
    ['one that runs here, for the first time', { model: local }, { cost: null, seconds: null }],
    [
      'one that ran here',
      { model: { ...local, price: { per_hour: 3.6 } }, earlier: [earlier()] },
      { cost: 0.5, seconds: 500 },
    ],
    ['a baseline', { model: { model: 'baseline/copy' } }, { cost: 0, seconds: 0 }],
  ])('%s', (_, change, { cost, seconds }) => {
    const made = estimateModel(request(change));
    for (const [found, wanted] of [
      [made.cost, cost],
      [made.seconds, seconds],
    ] as const) {
      if (wanted === null) expect(found).toBeNull();
      else expect(found).toBeCloseTo(wanted);
    }
  });

  test('each says in words what it rests on', () => {
    expect(estimateModel(request({ model: { model: 'm', base_url: hosted.base_url } })).assumptions).toEqual([
      'Prompts of 107 tokens, answers of 20, as long as the references (more where it reasons first).',
      'Cost: unknown, as no price is: give it one.',
      'Time: 0.83 s a call, assumed of a hosted model, 10 at once.',
    ]);
    expect(estimateModel(request({ model: local })).assumptions[1]).toBe(
      'Cost: not counted, as it runs here; with a price per hour it is.',
    );
  });
});

describe('the whole', () => {
  const part = (change: Partial<EstimateRequest> = {}) => {
    const { model } = request(change);
    return { model, estimate: estimateModel(request(change)) };
  };
  const baseline = part({ model: { model: 'baseline/copy' } });

  test('tokens and money add up, and models run side by side', () => {
    const one = part();
    const slow = part({ calls_at_once: 5 });
    const total = sumEstimates([baseline, one, slow]);
    expect(total).toMatchObject({ calls: 2000, tokens: { prompt: 2 * PLAIN * 1000, completion: 40_000 } });
    expect(total.cost).toBeCloseTo(one.estimate.cost! * 2);
    expect(total.seconds).toBe(slow.estimate.seconds);
  });

  test('what is unknown of one is unknown of all, but a model that runs here and has no price can spend nothing', () => {
    const unpriced = part({ model: { model: 'm', base_url: hosted.base_url } });
    expect(sumEstimates([part(), unpriced]).cost).toBeNull();
    expect(sumEstimates([part(), part({ is_hosted: false })]).seconds).toBeNull();
    const withLocal = sumEstimates([part(), part({ model: { model: 'hf/a/b' } })]);
    expect(withLocal.cost).toBe(part().estimate.cost);
    expect(withLocal.seconds).toBeNull();
  });
});
