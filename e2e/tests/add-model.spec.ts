/** An experiment that is over goes on: with one more model, under another name. */
import { makeDialogues } from '../support/dialogues.ts';
import { createExperiment, isOver, untilExperiment, uploadDialogues } from '../support/experiments.ts';
import { expect, test } from '../support/test.ts';

test('a model added later runs on the same rows, one is removed; the list finds the experiment by both', async ({
  page,
  client,
}) => {
  test.setTimeout(240_000);
  const dataset = await uploadDialogues(client, 'later', makeDialogues(6));
  const models = ['baseline/copy'];
  const { id } = await createExperiment(client, { name: 'Models later', dataset_id: dataset.id, models });
  await untilExperiment(client, id, isOver);

  await page.goto(`/experiments/${id}`);
  await page.getByRole('link', { name: 'Add model' }).click();
  await expect(page.getByRole('checkbox', { name: /^baseline\/copy/ })).toBeDisabled();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByText('Choose at least one model.')).toBeVisible();
  await page.getByRole('checkbox', { name: /^baseline\/lexrank/ }).check();
  await expect(page.getByText('no cost: no model is called')).toBeVisible();
  await page.getByRole('button', { name: 'Run 1 model' }).click();
  const table = page.getByRole('table', { name: /^Models of the experiment/ });
  await expect(table.getByRole('row', { name: /^lexrank/ })).toContainText('6 of 6', { timeout: 120_000 });
  await expect(page.getByText('Succeeded', { exact: true }).first()).toBeVisible({ timeout: 60_000 });

  await table.getByRole('button', { name: 'Actions for copy' }).click();
  await page.getByRole('menuitem', { name: 'Remove model' }).click();
  const removal = page.getByRole('dialog', { name: 'Remove "copy"?' });
  await expect(removal).toContainText('its answers and scores of 6 rows');
  await expect(removal).toContainText('its 3 runs in MLflow (1 + 2 job runs)');
  await removal.getByRole('button', { name: 'Remove model' }).click();
  await expect(removal).toHaveCount(0);
  await expect(table.getByRole('row')).toHaveCount(2);
  await expect(page.getByText('Succeeded', { exact: true }).first()).toBeVisible();
  // What is left can be added to, under the name that is free again.
  await client.experiments.add_workflows.mutate({ request_id: crypto.randomUUID(), id, models });
  await expect(table.getByRole('row', { name: /^copy/ })).toContainText('6 of 6', { timeout: 120_000 });
  await expect(page.getByText('Succeeded', { exact: true }).first()).toBeVisible({ timeout: 60_000 });

  await page.getByRole('button', { name: 'Rename or describe' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Two models');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Two models' })).toBeVisible();

  await page.goto(`/experiments?dataset=${dataset.id}`);
  await page.getByRole('searchbox', { name: 'Search experiments' }).fill('LEXRANK two');
  await expect(page.getByRole('link', { name: 'Succeeded 1' })).toBeVisible();
  await page.getByRole('link', { name: 'Failed 0' }).click();
  await expect(page.getByText('No experiment matches "LEXRANK two"')).toBeVisible();
  await page.getByRole('link', { name: 'Succeeded 1' }).click();
  await expect(page.getByRole('link', { name: 'Two models' })).toBeVisible();
});
