import { randomUUID } from 'node:crypto';
import type { ModelRef } from '@touchstone/schemas';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

async function pricesOf(models: ModelRef[]) {
  const dataset = await uploadText(server.ctx, makeRows(3));
  const { workflows } = await server.caller.experiments.create({
    request_id: randomUUID(),
    name: 'Priced',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: null,
    task: 'summarization',
    models,
    metrics: ['length'],
  });
  return workflows.map(({ model }) => model.price ?? null);
}

const OPENAI = 'https://api.openai.com/v1';
const mini = { model: 'gpt-4o-mini', base_url: OPENAI };
const mine = { model: 'mine', base_url: 'http://127.0.0.1:9/v1' };

test('a price is the one given, else the table’s, at the address before the provider, else the catalogue’s, else unknown', async () => {
  const given = { ...mini, price: { input: 9, output: 9 } };
  expect(await pricesOf([mini, given, mine])).toEqual([{ input: 0.15, output: 0.6 }, { input: 9, output: 9 }, null]);

  const as_of = '2026-11-24';
  const { prices } = server.caller;
  await prices.set({ provider: 'openai', model: 'gpt-4o-mini', price: { input: 1, output: 2 }, as_of });
  const hourly = await prices.set({ provider: 'http://127.0.0.1:9', model: 'mine', price: { per_hour: 1.2 }, as_of });
  expect(hourly).toMatchObject({ updated_by: server.ctx.user.name, updated_at: expect.stringMatching(/^20/) });
  expect(await pricesOf([mini, given, mine])).toEqual([
    { input: 1, output: 2 },
    { input: 9, output: 9 },
    { per_hour: 1.2 },
  ]);
  const listed = await server.caller.models.list({});
  const routes = listed.flatMap((model) => model.routes).filter(({ model }) => model === 'gpt-4o-mini');
  expect(routes.find(({ provider }) => provider === 'openai')?.price).toMatchObject({ input: 1, source: null, as_of });

  await prices.set({ provider: 'https://api.openai.com', model: 'gpt-4o-mini', price: { input: 3, output: 4 }, as_of });
  expect(await pricesOf([mini])).toEqual([{ input: 3, output: 4 }]);
  for (const provider of ['openai', 'https://api.openai.com']) await prices.remove({ provider, model: 'gpt-4o-mini' });
  expect(await pricesOf([mini])).toEqual([{ input: 0.15, output: 0.6 }]);
  await expect(prices.remove({ provider: 'openai', model: 'gpt-4o-mini' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});
