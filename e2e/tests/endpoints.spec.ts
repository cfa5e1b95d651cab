import { startFakeLlm } from '@touchstone/fake-llm';
import { expect, test } from '../support/test.ts';

const KEY = 'sk-right-for-this-endpoint';

test('an endpoint is added, tested, used in a new experiment and deleted; a wrong key is told', async ({
  page,
  client,
}) => {
  await using endpoint = await startFakeLlm({ require_key: KEY });
  await client.secrets.set.mutate({ name: 'wrong_endpoint_key', value: 'sk-wrong-for-this-endpoint' });

  await page.goto('/models?tab=endpoints');
  await page.getByRole('button', { name: 'Add endpoint' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Add endpoint' });
  await dialog.getByRole('combobox', { name: 'Provider' }).selectOption('vLLM');
  await expect(dialog.getByRole('textbox', { name: 'Base URL' })).toHaveValue('http://127.0.0.1:8000/v1');
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('tried');
  await dialog.getByRole('textbox', { name: 'Base URL' }).fill(endpoint.base_url.replace('/v1', ''));
  await dialog.getByRole('button', { name: 'Test connection' }).click();
  await expect(dialog.getByRole('status')).toContainText('did you forget /v1?');
  await dialog.getByRole('textbox', { name: 'Base URL' }).fill(endpoint.base_url);
  await dialog.getByRole('combobox', { name: 'Key' }).selectOption('wrong_endpoint_key');
  await dialog.getByRole('textbox', { name: 'Model to test with' }).fill('m');
  await dialog.getByRole('button', { name: 'Test connection' }).click();
  await expect(dialog.getByRole('status')).toContainText('refuses the key');

  await dialog.getByRole('button', { name: 'Add a key' }).click();
  const secret = page.getByRole('dialog', { name: 'Add secret' });
  await secret.getByRole('combobox', { name: 'Name' }).fill('right_endpoint_key');
  await secret.getByRole('textbox', { name: 'Value' }).fill(KEY);
  await secret.getByRole('button', { name: 'Save secret' }).click();
  await expect(dialog.getByRole('combobox', { name: 'Key' })).toHaveValue('right_endpoint_key');
  await dialog.getByRole('button', { name: 'Test connection' }).click();
  await expect(dialog.getByRole('status')).toContainText('The model answers');
  await dialog.getByRole('button', { name: 'Save endpoint' }).click();

  const row = page.getByRole('table', { name: 'Endpoints' }).getByRole('row', { name: /tried/ });
  await row.getByRole('button', { name: 'Test tried' }).click();
  await expect(row.getByRole('status')).toContainText('answers with its list of models');

  await page.goto('/experiments/new');
  await page.getByRole('button', { name: 'Choose a model' }).click();
  const picker = page.getByRole('dialog', { name: 'Choose a model' });
  await picker.getByRole('region', { name: 'tried' }).getByRole('button', { name: 'm' }).click();
  const card = page.getByRole('group', { name: 'Endpoint model 1' });
  await expect(card.getByRole('combobox', { name: 'Endpoint' })).toHaveValue('tried');
  await expect(card.getByLabel('Model name')).toHaveValue('m');

  await page.goto('/models?tab=endpoints');
  await row.getByRole('button', { name: 'Delete tried' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete endpoint' }).click();
  await expect(row).toHaveCount(0);
});

test('the catalogue says which key is missing, takes it in place, and fills in a new experiment', async ({
  page,
  client,
}) => {
  await page.goto('/models?task=translation');
  const models = page.getByRole('table', { name: 'Suggested models' });
  await expect(models.getByRole('row', { name: /opus-mt-en-de/ })).toBeVisible();
  await expect(models.getByRole('row', { name: /bart-large-cnn/ })).toHaveCount(0);
  const gemini = models.getByRole('row', { name: /Gemini 3.8 Flash/ });
  await gemini.getByRole('button', { name: 'Add gemini_api_key' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add secret' });
  await expect(dialog.getByRole('combobox', { name: 'Name' })).toHaveValue('gemini_api_key');
  await dialog.getByRole('textbox', { name: 'Value' }).fill('not-a-key-of-gemini');
  await dialog.getByRole('button', { name: 'Save secret' }).click();
  await expect(gemini).not.toContainText('is missing');
  await gemini.getByRole('link', { name: /^Use Gemini 3.8 Flash/ }).click();
  const card = page.getByRole('group', { name: 'Endpoint model 1' });
  await expect(card.getByLabel('Model name')).toHaveValue('gemini-3.8-flash');
  await expect(card.getByRole('combobox', { name: 'Key' })).toHaveValue('gemini_api_key');
  await client.secrets.remove.mutate({ name: 'gemini_api_key' });
});

test('every metric says what it is good for', async ({ page }) => {
  await page.goto('/scoring');
  const row = page.getByRole('table', { name: 'Metrics: Translation' }).getByRole('row', { name: /^chrF chrf / });
  await expect(row).toContainText('suits languages without spaces');
  await expect(row).toContainText('All rows together');
});
