/** The rule of a recommendation, which the experiment keeps, and how the models do on parts of the rows. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '../support/test.ts';

test('a rule is changed in place, shared by its address, and saved with the experiment', async ({
  page,
  client,
  finished,
}) => {
  await page.goto(`/experiments/${finished.id}?why=1`);
  const verdict = page.getByRole('region', { name: 'Verdict' });
  await expect(verdict).toContainText('the cheapest, then the fastest');
  await verdict.getByRole('combobox', { name: 'Of these' }).selectOption({ label: 'the fastest, then the cheapest' });
  await verdict.getByRole('checkbox', { name: /^Only models that run here/ }).check();
  await expect(verdict.getByText(/^Rule: .*the fastest, then the cheapest\..* no call to anybody else/)).toBeVisible();
  await expect(page).toHaveURL(/prefer=fastest/);
  try {
    await verdict.getByRole('button', { name: 'Save rule' }).click();
    await expect(verdict.getByRole('button', { name: 'Save rule' })).toBeHidden();
    await expect(page).not.toHaveURL(/prefer=/);
    expect((await client.experiments.get.query({ id: finished.id })).recommend).toEqual({
      rule: 'best',
      prefer: 'fastest',
      local_only: true,
    });
    await page.reload();
    await expect(verdict.getByText(/^Rule: .*the fastest, then the cheapest\./)).toBeVisible();
  } finally {
    await client.experiments.update.mutate({ id: finished.id, recommend: null });
  }
});

test('slices of the rows, and the whole comparison as a file', async ({ page, finished }) => {
  await page.goto(`/experiments/${finished.id}?tab=slices`);
  await expect(page.getByRole('heading', { name: 'Exploratory: slices' })).toBeVisible();
  const table = page.getByRole('table', { name: /by slice and model$/ });
  await expect(table.getByRole('row', { name: /^up to \d+ characters/ })).toBeVisible();
  await page.getByRole('combobox', { name: 'Rows by' }).selectOption({ label: 'Language of the input' });
  await expect(table.getByRole('row', { name: /^English/ })).toBeVisible();
  await expect(page).toHaveURL(/by=%40language/);

  await page.getByRole('button', { name: 'Export' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Comparison and slices, JSON' }).click();
  const exported = JSON.parse(await readFile(await (await download).path(), 'utf8'));
  expect(exported.comparison.pairs.length).toBeGreaterThan(0);
  expect(exported.slices[0].by).toBe('@input_length');
});
