import type { ExperimentEstimate } from '@touchstone/schemas';
import { expect, test } from 'vitest';
import { createStyle } from '../text/style.ts';
import { renderEstimate, summarizeEstimate } from './estimate.ts';

const model: ExperimentEstimate['models'][number] = {
  name: 'small',
  calls: 40,
  tokens: { prompt: 12_000, completion: 1000 },
  cost: 0.0041,
  seconds: 12,
  assumptions: ['Prompts of 300 tokens.', 'Cost: $0.2 and $0.6 a million tokens.'],
};
const unknown: ExperimentEstimate['models'][number] = { ...model, name: 'own', cost: null, seconds: null };
const estimate: ExperimentEstimate = {
  rows: 40,
  models: [model, unknown],
  judges: [],
  total: { calls: 80, tokens: { prompt: 24_000, completion: 2000 }, cost: null, seconds: null },
  power: null,
  assumptions: ['Tokens are counted by characters.'],
};

test('a line for each model and for all, what is unknown as a dash, and what it rests on', () => {
  expect(renderEstimate(estimate, createStyle(false)).join('\n')).toBe(`An estimate for 40 rows; nothing was started.

model  calls  prompt tokens  answer tokens     cost  time
─────  ─────  ─────────────  ─────────────  ───────  ────
small     40         12,000          1,000  $0.0041  12 s
own       40         12,000          1,000        –     –
all       80         24,000          2,000        –     –

small: Prompts of 300 tokens. Cost: $0.2 and $0.6 a million tokens.
own: Prompts of 300 tokens. Cost: $0.2 and $0.6 a million tokens.
Tokens are counted by characters.`);
});

test('one line: what is unknown is said, and where no model is called there is none', () => {
  expect(summarizeEstimate({ ...estimate, total: model })).toBe(
    'Estimate: about $0.0041, 13,000 tokens, 12 s; `--dry-run` says what it rests on.',
  );
  expect(summarizeEstimate(estimate)).toBe(
    'Estimate: cost unknown, 26,000 tokens, time unknown; `--dry-run` says what it rests on.',
  );
  const none = { calls: 0, tokens: { prompt: 0, completion: 0 }, cost: 0, seconds: 0 };
  expect(summarizeEstimate({ ...estimate, total: none })).toBeNull();
});
