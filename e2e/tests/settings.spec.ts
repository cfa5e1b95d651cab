import { expect, test } from '../support/test.ts';

const VALUE = 'sk-never-to-be-seen-7f3a9QzX';
const NEXT_VALUE = 'sk-never-to-be-seen-0b1c2WvU';

test('a secret is set, replaced and deleted, and only its last four characters are ever shown', async ({ page }) => {
  const answers: Promise<string>[] = [];
  page.on('response', (response) => {
    // A stream of changes does not end by itself.
    if (response.headers()['content-type']?.includes('text/event-stream')) return;
    answers.push(response.text().catch(() => ''));
  });
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Add secret' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Name' }).fill('Not A Name');
  await dialog.getByRole('textbox', { name: 'Value' }).fill(VALUE);
  await dialog.getByRole('button', { name: 'Save secret' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Lower-case letters');
  await dialog.getByRole('combobox', { name: 'Name' }).fill('shown_key');
  await dialog.getByRole('button', { name: 'Save secret' }).click();
  const row = page.getByRole('table', { name: 'Secrets' }).getByRole('row', { name: /shown_key/ });
  await expect(row).toContainText('9QzX');
  await page.reload();
  await expect(row).toContainText('9QzX');

  await row.getByRole('button', { name: 'Replace shown_key' }).click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Value' }).fill(NEXT_VALUE);
  await page.getByRole('dialog').getByRole('button', { name: 'Save secret' }).click();
  await expect(row).toContainText('2WvU');

  const shown = [await page.content(), ...(await Promise.all(answers))];
  expect(shown.length).toBeGreaterThan(3);
  for (const text of shown) for (const value of [VALUE, NEXT_VALUE]) expect(text).not.toContain(value.slice(0, -4));

  await row.getByRole('button', { name: 'Delete shown_key' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete secret' }).click();
  await expect(row).toHaveCount(0);
});

test('every service is listed with its state, storage and cluster with their figures', async ({ page }) => {
  await page.goto('/settings');
  const services = page.getByRole('table', { name: 'Services' });
  for (const name of ['Server', 'Database', 'Storage', 'Ray', 'MLflow']) {
    const row = services.getByRole('row', { name: new RegExp(`^${name}`) });
    await expect(row.getByText('OK', { exact: true })).toBeVisible({ timeout: 120_000 });
  }
  const fact = (section: string, term: string) =>
    page.getByRole('region', { name: section }).locator('dt', { hasText: term }).locator('xpath=following-sibling::dd');
  await expect(fact('Storage', 'Free on its disk')).toHaveText(/^\d.* of \d/);
  await expect(fact('Storage', 'Used by Touchstone')).toHaveText(/\d+(\.\d+)? k?M?B$/);
  await expect(fact('Cluster', 'Nodes')).toHaveText('1');
  await expect(fact('Cluster', 'CPUs reserved')).toHaveText(/ of \d+$/);
});
