/** What the rows of an experiment are asked: who was better, in which words, and how scores lie. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '../support/test.ts';

test('rows on which one of two models is better, and the words that differ', async ({ page, finished }) => {
  await page.goto(`/experiments/${finished.id}?tab=rows`);
  const table = page.getByRole('table', { name: /^Rows with the answers/ });
  const pair = page.getByRole('group', { name: /^Rows on which one of two models has the better/ });
  const counts: number[] = [];
  for (const [better, worse] of [
    ['lead-3', 'patchy'],
    ['patchy', 'lead-3'],
  ] as const) {
    const filter = pair.getByRole('button', { name: new RegExp(`^${better} better \\d+`) });
    await expect(filter).toHaveAttribute('title', new RegExp(`better .* than ${worse}$`));
    const count = Number((await filter.textContent())!.match(/\d+$/)![0]);
    await filter.click();
    await expect(filter).toHaveAttribute('aria-pressed', 'true');
    if (count === 0) {
      await expect(page.getByText('No row matches')).toBeVisible();
    } else {
      await expect(table.getByRole('row')).toHaveCount(count + 1);
      await expect(table.getByText('(best of the row)')).toHaveCount(count);
    }
    counts.push(count);
  }
  expect(Math.max(...counts)).toBeGreaterThan(0);
  await page.getByRole('button', { name: /^All \d/ }).click();

  await page.getByRole('combobox', { name: 'Mark words that differ' }).selectOption({ label: 'Differs from lead-3' });
  await expect(table.locator('ins, del').first()).toBeVisible();
  await page
    .getByRole('button', { name: /^Open row/ })
    .first()
    .click();
  const row = page.getByRole('dialog', { name: /^Row \d+/ });
  await expect(row.locator('del').first()).toBeVisible();
});

test('scores of each model as a histogram, with its numbers, saved as a picture', async ({ page, finished }) => {
  await page.goto(`/experiments/${finished.id}`);
  const comparison = page.getByRole('table', { name: /^Models of the experiment/ });
  await comparison
    .getByRole('row', { name: /^lead-3/ })
    .getByRole('link')
    .first()
    .click();
  await expect(page).toHaveURL(/tab=distributions&metric=/);
  await expect(page.getByRole('img', { name: /^Histograms of .*lead-3, median .* rows/ })).toBeVisible();
  await page.getByText('The numbers as a table').click();
  const table = page.getByRole('table', { name: /^Rows by .* and model/ });
  await expect(table.getByRole('row', { name: /^Rows scored 30/ })).toBeVisible();
  for (const [item, start] of [
    ['As SVG', '<svg'],
    ['As PNG', '\u0089PNG'],
  ] as const) {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save chart' }).click();
    await page.getByRole('menuitem', { name: item }).click();
    const file = await readFile(await (await download).path(), 'latin1');
    expect(file.slice(0, start.length)).toBe(start);
    expect(file).not.toContain('var(--');
  }
});
