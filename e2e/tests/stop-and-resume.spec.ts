/** What a person does when a run has to stop, or did not go well. */

import { startFakeLlm } from '@touchstone/fake-llm';
import { makeDialogues } from '../support/dialogues.ts';
import { createExperiment, isOver, untilExperiment, uploadDialogues } from '../support/experiments.ts';
import { expect, test } from '../support/test.ts';

test('a stopped experiment keeps its rows, and goes on where it stopped', async ({ page, client }) => {
  test.setTimeout(240_000);
  await using endpoint = await startFakeLlm({ latency_ms: 500 });
  const dataset = await uploadDialogues(client, 'To be stopped', makeDialogues(40));
  const { id } = await createExperiment(client, {
    name: 'To be stopped',
    dataset_id: dataset.id,
    models: [{ name: 'slow', model: 'm', base_url: endpoint.base_url, concurrency: 2 }],
  });
  await page.goto(`/experiments/${id}`);
  const progress = page.getByRole('progressbar', { name: 'Progress of slow' });
  await expect
    .poll(async () => Number(await progress.getAttribute('aria-valuenow')), { timeout: 90_000 })
    .toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.getByRole('button', { name: /^Resume/ })).toBeVisible({ timeout: 60_000 });
  const table = page.getByRole('table', { name: /^Models of the experiment/ });
  await expect(table).toContainText(/\d+ not run/);
  await expect(page.getByRole('table', { name: 'Errors by model and kind' })).toContainText('Stopped by a person.');
  const stopped = await client.experiments.get.query({ id });
  const { answered, not_run, failed } = stopped.workflows[0]!.rows;
  expect({ sum: answered + not_run, failed }).toEqual({ sum: 40, failed: 0 });
  expect(answered).toBeGreaterThan(0);

  await page.getByRole('button', { name: /^Resume/ }).click();
  await expect(page.getByText('Succeeded', { exact: true })).toBeVisible({ timeout: 120_000 });
  await expect(table.getByRole('row', { name: /^slow/ })).toContainText('40 of 40');
  await expect(table.getByRole('img', { name: /95 % interval/ }).first()).toBeVisible();
  const { calls, prompts } = await endpoint.ledger();
  expect(Object.keys(prompts)).toHaveLength(40);
  expect(calls - 40, 'calls for rows that were in flight when it stopped').toBeLessThanOrEqual(2);
});

test('an endpoint that is down fails its rows with a reason, and retrying them succeeds when it is back', async ({
  page,
  client,
}) => {
  test.setTimeout(240_000);
  const gone = await startFakeLlm();
  await gone.stop();
  const dataset = await uploadDialogues(client, 'Endpoint down', makeDialogues(3));
  const { id } = await createExperiment(client, {
    name: 'Endpoint down',
    dataset_id: dataset.id,
    models: ['baseline/copy', { name: 'absent', model: 'm', base_url: gone.base_url }],
  });
  await page.goto(`/experiments/${id}`);
  await expect(page.getByText('Partial', { exact: true }).first()).toBeVisible({ timeout: 120_000 });
  const table = page.getByRole('table', { name: /^Models of the experiment/ });
  await expect(table.getByRole('row', { name: /^copy/ })).toContainText('3 of 3');
  await expect(table.getByRole('row', { name: /^absent/ })).toContainText('3 failed');
  const problems = page.getByRole('table', { name: 'Errors by model and kind' });
  await expect(problems).toContainText('Endpoint unavailable');
  await expect(problems).toContainText(`Cannot connect to http://127.0.0.1:${gone.port}`);

  await using back = await startFakeLlm({ port: gone.port });
  await page.getByRole('button', { name: /^Retry \d+ failed row/ }).click();
  await expect(page.getByText('Succeeded', { exact: true })).toBeVisible({ timeout: 120_000 });
  await expect(table.getByRole('row', { name: /^absent/ })).toContainText('3 of 3');
  await expect(page.getByRole('button', { name: /^Retry \d+ failed row/ })).toHaveCount(0);
  expect((await back.ledger()).calls).toBe(3);
  expect(isOver(await untilExperiment(client, id, isOver))).toBe(true);
});

test('a key that the endpoint refuses stops the calls, and the rest is not run', async ({ page, client }) => {
  await using endpoint = await startFakeLlm({ require_key: 'sk-another-key' });
  await client.secrets.set.mutate({ name: 'wrong_key', value: 'sk-the-wrong-key' });
  const dataset = await uploadDialogues(client, 'Wrong key', makeDialogues(30));
  const { id } = await createExperiment(client, {
    name: 'Wrong key',
    dataset_id: dataset.id,
    models: [{ name: 'closed', model: 'm', base_url: endpoint.base_url, secret: 'wrong_key', concurrency: 2 }],
  });
  await page.goto(`/experiments/${id}`);
  await expect(page.getByText('Failed', { exact: true }).first()).toBeVisible({ timeout: 120_000 });
  await expect(page.getByRole('table', { name: 'Errors by model and kind' })).toContainText(
    'The endpoint refuses the key (HTTP 401)',
  );
  await expect(page.getByRole('table', { name: /^Models of the experiment/ })).toContainText(/\d+ not run/);
  expect((await endpoint.ledger()).calls).toBeLessThan(30);
});
