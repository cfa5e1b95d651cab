import { expect, test } from '../support/test.ts';

test('a key is created, shown once, used, seen as used, and refused once it is revoked', async ({ page }) => {
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Create API key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Give it a name');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('nightly report');
  await expect(dialog.getByRole('combobox', { name: 'Expires after' })).toHaveValue('30');
  await page.keyboard.press('Enter');

  const shown = page.getByRole('dialog', { name: 'API key nightly report' });
  const key = await shown.getByRole('textbox', { name: 'Key' }).inputValue();
  expect(key).toMatch(/^tsk_[\w-]{43}$/);
  await expect(shown.getByText('Authorization: Bearer')).toContainText(key);
  await shown.getByRole('button', { name: 'Done' }).click();
  const row = page.getByRole('table', { name: 'API keys' }).getByRole('row', { name: /nightly report/ });
  await expect(row).toContainText('read');
  const lastUsed = row.getByRole('cell').nth(3);
  await expect(lastUsed).toHaveText('never');
  await page.reload();
  await expect(row).toContainText(key.slice(-4));
  expect(await page.content()).not.toContain(key);

  const { origin } = new URL(page.url());
  const ask = (method: string, path: string) =>
    fetch(origin + path, { method, headers: { authorization: `Bearer ${key}` } });
  expect((await ask('GET', '/api/experiments')).status).toBe(200);
  const refused = await ask('DELETE', '/api/experiments/00000000-0000-4000-8000-000000000000');
  expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('scope')]);
  await expect(lastUsed).toHaveText('just now');

  await row.getByRole('button', { name: 'Revoke nightly report' }).click();
  await expect(page.getByRole('dialog', { name: 'Revoke nightly report?' })).toContainText(key.slice(-4));
  await page.getByRole('button', { name: 'Revoke key' }).click();
  // Behind an open dialog no row is to be found.
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(row).toHaveCount(0);
  expect((await ask('GET', '/api/experiments')).status).toBe(401);
});
