import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { makeDialogues, toCsv } from '../support/dialogues.ts';
import { getShared } from '../support/shared.ts';
import { expect, test } from '../support/test.ts';

/** Twenty-five rows; the reference of two of them is blank. */
const rows = makeDialogues(25).map((row, index) => (index === 3 || index === 7 ? { ...row, ground_truth: ' ' } : row));
const csv = toCsv(rows);

async function chooseFile(page: Page, name: string, text: string): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Upload file' }).click();
  await (await chooser).setFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
}

test('a chosen file is stored, shown with its columns and rows, downloaded unchanged, and deleted', async ({
  page,
}) => {
  await page.goto('/datasets');
  await chooseFile(page, 'two-blanks.csv', csv);
  const upload = page.getByRole('list', { name: 'Uploads' }).getByRole('listitem');
  await expect(upload).toContainText('uploaded: 25 rows, 2 columns.');
  await upload.getByRole('link', { name: 'two-blanks', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'two-blanks' })).toBeVisible();

  const column = (name: string) => page.getByRole('table', { name: 'Columns' }).getByRole('row', { name });
  await expect(column('examples').getByRole('cell')).toHaveText(['examples', '25', '0', 'Input, preselected']);
  await expect(column('ground_truth').getByRole('cell')).toHaveText([
    'ground_truth',
    '23',
    /^2 \(8(\.0)? ?%\)$/,
    'Reference, preselected',
  ]);

  const preview = page.getByRole('table', { name: 'Rows', exact: true });
  await expect(preview.getByRole('row')).toHaveCount(21);
  await expect(preview).toContainText('I wrote it down as number 1.');
  await expect(preview.getByRole('row', { name: /number 4\./ })).toContainText('blank');
  await page.getByRole('button', { name: 'Next rows' }).click();
  await expect(page.getByText('21–25 of 25')).toBeVisible();
  await expect(preview.getByRole('row')).toHaveCount(6);
  await expect(preview).toContainText('I wrote it down as number 25.');

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download' }).click();
  expect((await download).suggestedFilename()).toBe('two-blanks.csv');
  expect(await readFile(await (await download).path(), 'utf8')).toBe(csv);

  await page.getByRole('button', { name: 'Delete dataset' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete dataset' }).click();
  await expect(page).toHaveURL(/\/datasets$/);
  await expect(page.getByRole('table', { name: 'Datasets' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'two-blanks', exact: true })).toHaveCount(0);
});

test('a file dropped on the page is uploaded', async ({ page }) => {
  await page.goto('/datasets');
  await expect(page.getByRole('table', { name: 'Datasets' })).toBeVisible();
  const dataTransfer = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], 'dropped.csv', { type: 'text/csv' }));
    return transfer;
  }, csv);
  const main = page.getByRole('main');
  await main.dispatchEvent('dragover', { dataTransfer });
  await expect(page.getByText('Drop files to upload them')).toBeVisible();
  await main.dispatchEvent('drop', { dataTransfer });
  await expect(page.getByText('Drop files to upload them')).toBeHidden();
  await expect(page.getByRole('list', { name: 'Uploads' })).toContainText('uploaded: 25 rows, 2 columns.');
  await expect(page.getByRole('table', { name: 'Datasets' }).getByRole('link', { name: 'dropped' })).toBeVisible();
});

test('a ragged file is refused with its line, and nothing is kept of it', async ({ page }) => {
  await page.goto('/datasets');
  await chooseFile(page, 'ragged.csv', 'examples,ground_truth\nfirst,one\n"sec\nond",two\nthird,three,more\n');
  const refusal = page.getByRole('list', { name: 'Uploads' }).getByRole('alert');
  await expect(refusal).toContainText('ragged.csv was not uploaded; nothing was kept of it.');
  await expect(refusal).toContainText(/line 5/i);
  await page.reload();
  await expect(page.getByRole('table', { name: 'Datasets' })).toBeVisible();
  await expect(page.getByText('ragged')).toHaveCount(0);
});

test('a dataset that an experiment uses is not deleted, and the experiment is named', async ({ page }) => {
  await page.goto(`/datasets/${getShared().dataset_id}`);
  await page.getByRole('button', { name: 'Delete dataset' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete Shared dialogues?' });
  await expect(dialog).toContainText('1 experiment uses it.');
  await dialog.getByRole('button', { name: 'Delete dataset' }).click();
  await expect(dialog.getByRole('alert')).toContainText('"Shared experiment"');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Shared dialogues' })).toBeVisible();
});

test('faults of the data are found on its page, lead to their rows, and are told in the form', async ({ page }) => {
  const faulty = [...makeDialogues(30), ...makeDialogues(2), { examples: ' ', ground_truth: 'Nothing.' }];
  await page.goto('/datasets');
  await chooseFile(page, 'with-faults.csv', toCsv(faulty));
  await page.getByRole('list', { name: 'Uploads' }).getByRole('link', { name: 'with-faults', exact: true }).click();
  await page.getByRole('navigation', { name: 'Dataset' }).getByRole('link', { name: 'Health' }).click();
  const duplicates = page
    .getByRole('listitem')
    .filter({ hasText: '2 rows repeat input and reference of an earlier row' });
  await expect(duplicates).toContainText('Rows 0, 30');
  await duplicates.getByRole('button', { name: 'Show texts' }).click();
  await expect(duplicates.getByText('I wrote it down as number 2.')).toHaveCount(2);
  await expect(page.getByRole('heading', { name: '1 row has a blank input' })).toBeVisible();
  await page.getByLabel('Reference column').selectOption('No reference');
  await expect(page.getByRole('heading', { name: '2 rows repeat the input of an earlier row' })).toBeVisible();
  await page.getByRole('link', { name: '30', exact: true }).click();
  const preview = page.getByRole('table', { name: 'Rows', exact: true });
  await expect(preview.getByRole('row').nth(1)).toContainText('I wrote it down as number 1.');

  await page.getByRole('link', { name: 'New experiment' }).click();
  await expect(page.getByText(/findings: .*2 rows repeat input and reference of an earlier row/)).toBeVisible();
  await page.getByRole('link', { name: 'Health of the data' }).click();
  await expect(page.getByRole('heading', { name: '1 row has a blank input' })).toBeVisible();
});
