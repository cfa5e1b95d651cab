import { expect, test } from 'vitest';
import { explainError } from './common.ts';
import { ExperimentConfig } from './config.ts';

const config = { name: 'Try', dataset: { file: 'a.csv' }, models: ['baseline/lead-3'] };
const endpoint = { base_url: 'http://127.0.0.1:9/v1', model: 'm' };

test('a short config gets its defaults', () => {
  expect(ExperimentConfig.parse(config)).toEqual({
    ...config,
    dataset: { file: 'a.csv', input: 'examples' },
    task: 'summarization',
    models: [{ model: 'baseline/lead-3' }],
    seed: 0,
  });
});

test.each([
  [{ promt: 'x' }, /^"promt" is not known here: did you mean "prompt"\?$/],
  [{ metrics: ['rougel'] }, /metrics\[0\]: "rougel".*"rougeL"/],
  [{ models: [] }, /models: Name at least one model/],
  [{ models: ['baseline/led-3'] }, /models\[0\]\.model: .*did you mean "baseline\/lead-3"/],
  [{ models: ['gpt-9'] }, /models\[0\]\.base_url: "gpt-9" needs a base_url/],
  [
    { models: [{ model: 'baseline/copy', params: { temperature: 0 } }] },
    /models\[0\]\.params: A baseline has no params/,
  ],
  [{ models: [{ ...endpoint, params: { temprature: 1 } }] }, /models\[0\]\.params: "temprature".*"temperature"/],
  [{ models: [{ ...endpoint, base_url: 'http://user:pass@host/v1' }] }, /base_url: Keep keys out of the address/],
  [{ models: [{ ...endpoint, base_url: 'file:///etc/passwd' }] }, /base_url: An http or https address/],
  [{ models: [{ ...endpoint, extra_body: { model: 'other' } }] }, /extra_body: .*set by Touchstone/],
  [{ models: [{ ...endpoint, secret: 'My Key' }] }, /secret: Lower-case letters/],
  [{ dataset: {} }, /dataset: Give a file, a name or an id/],
  [{ dataset: { file: 'a.csv', inptu: 'q' } }, /dataset: "inptu".*"input"/],
  [{ task: 'summarisation' }, /task: Known tasks/],
])('%j is refused in words', (change, message) => {
  expect(explainError(ExperimentConfig.safeParse({ ...config, ...change }).error!)).toMatch(message);
});
