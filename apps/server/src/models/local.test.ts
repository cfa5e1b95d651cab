/** What an instance says to a model that would run on its cluster. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelRef } from '@touchstone/schemas';
import { afterAll, describe, expect, test } from 'vitest';
import type { Env } from '../env.ts';
import { inferenceSpec } from '../jobs/spec.ts';
import { resolveLocalModel } from './local.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const folder = mkdtempSync(join(tmpdir(), 'touchstone-models-'));
afterAll(() => rmSync(folder, { recursive: true }));

const env = (changes: Partial<Env> = {}) =>
  ({ TOUCHSTONE_EXTRAS: ['hf'], TOUCHSTONE_TRUST_REMOTE_CODE: false, ...changes }) as Env;
const resolve = (model: ModelRef, changes: Partial<Env> = {}, scope: 'run' | 'owner' = 'owner') =>
  resolveLocalModel({ env: env(changes), scope }, ModelRef.parse(model));

describe('a model that runs on the cluster', () => {
  test('without the extra it is refused with the command that adds it', () => {
    expect(() => resolve('hf/facebook/bart-large-cnn', { TOUCHSTONE_EXTRAS: [] })).toThrow(/npm start -- --with hf/);
    expect(resolve('hf/facebook/bart-large-cnn')).toEqual({ model: 'hf/facebook/bart-large-cnn' });
  });

  test('its own Python runs only where the owner allows it, and of a commit', () => {
    const model = { model: 'hf/a/b', trust_remote_code: true, revision: COMMIT };
    expect(() => resolve(model)).toThrow(/TOUCHSTONE_TRUST_REMOTE_CODE=1/);
    expect(resolve(model, { TOUCHSTONE_TRUST_REMOTE_CODE: true })).toEqual(model);
    expect(ModelRef.safeParse({ ...model, revision: 'main' }).error?.issues[0]?.message).toMatch(/needs a commit/);
  });

  test('a folder is one of the models folder, and has a model', () => {
    mkdirSync(join(folder, 'mine'));
    writeFileSync(join(folder, 'mine', 'config.json'), '{}');
    expect(() => resolve('local/mine')).toThrow(/has no folder for local models/);
    expect(() => resolve('local/other', { TOUCHSTONE_MODELS_DIR: folder })).toThrow(/no config\.json/);
    expect(resolve('local/mine', { TOUCHSTONE_MODELS_DIR: folder })).toEqual({ model: 'local/mine' });
    // A folder of the nodes that this machine does not have: they look.
    expect(resolve('local/other', { TOUCHSTONE_MODELS_DIR: '/not/here' })).toEqual({ model: 'local/other' });
    for (const outside of ['local/../x', 'local//etc', 'local/a/../../b', 'local/.hidden']) {
      expect(ModelRef.safeParse(outside).success).toBe(false);
    }
  });

  test('an API key sends the Hub no other secret than its own', () => {
    const model = (secret: string) => ({ model: 'hf/a/b', secret });
    expect(() => resolve(model('openai_api_key'), {}, 'run')).toThrow(/only the secret "hf_api_key"/);
    expect(resolve(model('hf_api_key'), {}, 'run')).toEqual(model('hf_api_key'));
    expect(resolve(model('openai_api_key'))).toEqual(model('openai_api_key'));
  });

  test('what is for endpoints is refused, and what is for local models at an endpoint', () => {
    const messages = (model: unknown) => ModelRef.safeParse(model).error?.issues.map(({ message }) => message) ?? [];
    expect(messages({ model: 'hf/a/b', params: { temperature: 0 } })).toEqual([expect.stringContaining('generation')]);
    expect(messages({ model: 'hf/a/b', base_url: 'http://127.0.0.1:1/v1' })).toEqual([]);
    expect(messages({ model: 'm', base_url: 'http://127.0.0.1:1/v1', dtype: 'float16' })).toEqual([
      expect.stringContaining('an endpoint decides that itself'),
    ]);
    expect(messages({ model: 'hf/a/b', generation: { num_beam: 2 } })).toEqual([
      expect.stringContaining('did you mean "num_beams"'),
    ]);
  });

  test('a prompt of its own is told to the job', () => {
    const common = {
      job_id: '7f3d5a52-0c7e-4f0b-9c55-1f4f6f0f7a10',
      experiment_id: null,
      workflow_id: null,
      data: { key: 'd', sha256: 'a' },
      sample: { key: 's', sha256: 'a' },
      task: 'summarization' as const,
      input_column: 'text',
      reference_column: null,
    };
    const spec = (model: ModelRef) =>
      inferenceSpec(common, ModelRef.parse(model), { prompt: '{{text}}', system_prompt: null, repeats: 1 });
    expect(spec('hf/a/b').model).toMatchObject({ protocol: 'transformers', input: 'auto', generation: {} });
    expect(spec({ model: 'hf/a/b', prompt: 'Say: {{text}}' })).toMatchObject({
      prompt: 'Say: {{text}}',
      model: { input: 'prompt' },
    });
  });
});
