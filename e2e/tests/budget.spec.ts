/** The question that an experiment asks after its first rows, and its two answers. */

import type { Page } from '@playwright/test';
import { type FakeLlm, startFakeLlm } from '@touchstone/fake-llm';
import { makeDialogues } from '../support/dialogues.ts';
import { createExperiment, isOver, untilExperiment, uploadDialogues } from '../support/experiments.ts';
import { expect, test } from '../support/test.ts';

type Client = Parameters<typeof createExperiment>[0];

const ROWS = 30;
const PILOT = 10;

async function untilItAsks(page: Page, client: Client, endpoint: FakeLlm, name: string): Promise<string> {
  const dataset = await uploadDialogues(client, name, makeDialogues(ROWS));
  const { id } = await createExperiment(client, {
    name,
    dataset_id: dataset.id,
    models: [{ name: 'priced', model: 'm', base_url: endpoint.base_url, price: { input: 10, output: 20 } }],
    budget: { confirm_above: 0.000_001 },
  });
  await page.goto(`/experiments/${id}`);
  await expect(page.getByText(/By its first rows the whole will cost about \$/)).toBeVisible({ timeout: 120_000 });
  expect(await endpoint.counts()).toMatchObject({ calls: PILOT, answered: PILOT });
  return id;
}

test('"Go on" runs the rest, and calls no row of the beginning again', async ({ page, client }) => {
  await using endpoint = await startFakeLlm({ latency_ms: 20 });
  const id = await untilItAsks(page, client, endpoint, 'Asks and goes on');
  const { prompts: pilot } = await endpoint.ledger();
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByText('Succeeded', { exact: true }).first()).toBeVisible({ timeout: 120_000 });
  await expect(page.getByRole('button', { name: 'Go on' })).toHaveCount(0);
  const { prompts } = await endpoint.ledger();
  expect(Object.keys(prompts)).toHaveLength(ROWS);
  expect(Object.values(prompts).every((calls) => calls === 1)).toBe(true);
  expect(Object.keys(prompts)).toEqual(expect.arrayContaining(Object.keys(pilot)));
  expect((await client.experiments.get.query({ id })).workflows[0]!.rows).toMatchObject({ answered: ROWS });
});

test('"Stop" keeps the answers of the beginning, scored, and nothing more is paid for', async ({ page, client }) => {
  await using endpoint = await startFakeLlm({ latency_ms: 20 });
  const id = await untilItAsks(page, client, endpoint, 'Asks and stops');
  await page.getByRole('button', { name: 'Stop', exact: true }).last().click();
  const stopped = await untilExperiment(client, id, isOver);
  expect(stopped.workflows[0]!.rows).toMatchObject({ answered: PILOT, failed: 0, not_run: ROWS - PILOT });
  const table = page.getByRole('table', { name: /^Models of the experiment/ });
  await expect(table.getByRole('row', { name: /^priced/ })).toContainText(`${PILOT} of ${ROWS}`);
  await expect(page.getByRole('button', { name: /^Resume/ })).toBeVisible();
  expect(await endpoint.counts()).toMatchObject({ calls: PILOT, answered: PILOT });
});
