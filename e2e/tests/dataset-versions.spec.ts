import { readFile } from 'node:fs/promises';
import { makeDialogues, toCsv } from '../support/dialogues.ts';
import { expect, test } from '../support/test.ts';

test('cells edited by keyboard become a version, with its changes beside the old one', async ({ page }) => {
  const rows = makeDialogues(45);
  await page.goto('/datasets');
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Upload file' }).click();
  await (await chooser).setFiles({ name: 'versions.csv', mimeType: 'text/csv', buffer: Buffer.from(toCsv(rows)) });
  await page.getByRole('list', { name: 'Uploads' }).getByRole('link', { name: 'versions', exact: true }).click();

  await page.getByRole('textbox', { name: 'Go to row' }).fill('41');
  await page.keyboard.press('Enter');
  await expect(page.getByText('41–45 of 45')).toBeVisible();
  await page.getByRole('button', { name: 'Edit cells' }).click();
  const grid = page.getByRole('grid', { name: 'Rows' });
  await expect(grid.getByRole('row').nth(1)).toContainText('number 41.');
  await grid.getByRole('gridcell').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const editor = page.getByRole('textbox', { name: 'Row 41, examples' });
  await editor.fill('A new text');
  await editor.press('Shift+Enter');
  await editor.pressSequentially('over two lines');
  await editor.press('Enter');
  await expect(page.getByText('1 cell changed, not saved yet.')).toBeVisible();
  await page.keyboard.press('Enter');
  await page.keyboard.type(' that is not kept');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Delete');
  await expect(page.getByText('2 cells changed, not saved yet.')).toBeVisible();
  // What is not saved stays while the other tab is looked at.
  await page.getByRole('link', { name: 'Versions 1' }).click();
  await page.getByRole('link', { name: 'Rows', exact: true }).click();
  await expect(page.getByText('2 cells changed, not saved yet.')).toBeVisible();
  // Another page would lose it: a link asks first, and so does the browser before the tab is closed.
  await page.getByRole('link', { name: 'New experiment' }).click();
  const leaving = page.getByRole('dialog', { name: 'Leave without saving?' });
  await expect(leaving).toContainText('2 changed cells are not saved yet');
  await leaving.getByRole('button', { name: 'Cancel' }).click();
  await expect(leaving).toHaveCount(0);
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('g');
  await page.keyboard.press('j');
  await leaving.getByRole('button', { name: 'Cancel' }).click();
  await expect(page).toHaveURL(/\/datasets\/[0-9a-f-]{36}/);
  const asked = page.waitForEvent('dialog');
  const reload = page.reload({ timeout: 5000 }).catch(() => {});
  const question = await asked;
  expect(question.type()).toBe('beforeunload');
  await question.dismiss();
  await reload;
  await expect(page.getByText('2 cells changed, not saved yet.')).toBeVisible();

  await page.getByRole('button', { name: 'Save as new version' }).click();
  await page.getByRole('textbox', { name: 'What was changed' }).fill('Mended by hand');
  await page.getByRole('button', { name: 'Save version' }).click();
  await page.getByRole('link', { name: 'Versions 2' }).click();
  const versions = page.getByRole('table', { name: 'Versions' });
  await expect(versions.getByRole('row', { name: /v2, shown/ })).toContainText('Mended by hand');
  const changes = page.getByRole('table', { name: 'Changes' });
  await expect(changes.getByRole('row')).toHaveCount(3);
  await expect(changes.getByRole('row', { name: /^41 examples/ })).toContainText('A new text over two lines');
  await expect(changes.getByRole('row', { name: /^42 ground_truth/ })).toContainText('empty');

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download' }).click();
  const text = await readFile(await (await download).path(), 'utf8');
  expect(text).toContain('"A new text\nover two lines"');
  expect(text.match(/\r\n/g)).toHaveLength(46);

  await page.getByRole('button', { name: 'Rename or describe' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Versions, renamed');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Versions, renamed' })).toBeVisible();
  await versions.getByRole('link', { name: 'v1', exact: true }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Versions, renamed' })).toBeVisible();

  await page.getByRole('button', { name: 'Delete dataset' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete Versions, renamed?' });
  await dialog.getByRole('radio', { name: 'All 2 versions' }).check();
  await dialog.getByRole('button', { name: 'Delete dataset' }).click();
  await expect(page).toHaveURL(/\/datasets$/);
  await expect(page.getByRole('link', { name: 'Versions, renamed' })).toHaveCount(0);
  await expect(page.getByRole('list', { name: 'Uploads' })).toHaveCount(0);
});

test('Back leaves changed cells only when the person says so', async ({ page, client }) => {
  const { id } = await client.uploadDataset({ name: 'Left', filename: 'left.csv', body: 'examples\nfirst\nsecond\n' });
  await page.goto('/datasets');
  await page.getByRole('link', { name: 'Left', exact: true }).click();
  await page.getByRole('button', { name: 'Edit cells' }).click();
  const grid = page.getByRole('grid', { name: 'Rows' });
  await grid.getByRole('gridcell').first().focus();
  await page.keyboard.press('Delete');
  await expect(page.getByText('1 cell changed, not saved yet.')).toBeVisible();
  const leaving = page.getByRole('dialog', { name: 'Leave without saving?' });
  for (const button of ['Cancel', 'Leave without saving']) {
    await page.evaluate(() => window.history.back());
    await leaving.getByRole('button', { name: button }).click();
    await expect(leaving).toHaveCount(0);
    if (button === 'Cancel') {
      await expect(page).toHaveURL(new RegExp(`/datasets/${id}`));
      await expect(page.getByText('1 cell changed, not saved yet.')).toBeVisible();
    }
  }
  await expect(page).toHaveURL(/\/datasets$/);
  await expect(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
  await page.getByRole('link', { name: 'Left', exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`/datasets/${id}`));
  await expect(page.getByText('not saved yet')).toHaveCount(0);
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
});

test('JSON Lines come back as uploaded and as CSV', async ({ page }) => {
  const source = '{"examples":" x ","n":1e5,"tags":[1, {"a":"b c"}]}\n{"examples":"second"}\n';
  await page.goto('/datasets');
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Upload file' }).click();
  await (await chooser).setFiles({ name: 'lines.jsonl', mimeType: 'text/plain', buffer: Buffer.from(source) });
  await page.getByRole('list', { name: 'Uploads' }).getByRole('link', { name: 'lines', exact: true }).click();
  for (const [item, filename, content] of [
    ['As uploaded (JSON Lines)', 'lines.jsonl', source],
    ['As CSV', 'lines.csv', 'examples,n,tags\r\n x ,1e5,"[1,{""a"":""b c""}]"\r\nsecond,,\r\n'],
  ] as const) {
    await page.getByRole('button', { name: 'Download' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: item }).click();
    expect((await download).suggestedFilename()).toBe(filename);
    expect(await readFile(await (await download).path(), 'utf8')).toBe(content);
  }
});

test('the answers of a workflow are saved as a dataset, from the page of its experiment', async ({
  page,
  finished,
}) => {
  await page.goto(`/experiments/${finished.id}`);
  const source = page.getByRole('link', { name: 'Shared dialogues v1' });
  await expect(source).toHaveAttribute('href', `/datasets/${finished.dataset.id}`);
  await page.getByRole('button', { name: 'Actions for lead-3' }).click();
  await page.getByRole('menuitem', { name: 'Save predictions as dataset' }).click();
  const dialog = page.getByRole('dialog', { name: 'Save the answers of lead-3 as a dataset' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Answers of lead-3');
  await dialog.getByRole('button', { name: 'Save dataset' }).click();
  await dialog.getByRole('link', { name: 'Answers of lead-3' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Answers of lead-3' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Shared experiment' })).toHaveAttribute(
    'href',
    `/experiments/${finished.id}`,
  );
  const rows = page.getByRole('table', { name: 'Rows', exact: true });
  await expect(rows.getByRole('columnheader')).toHaveText(['Row', 'examples', 'ground_truth', 'prediction']);

  // It is found in the list by where it comes from, by keyboard.
  await page.goto('/datasets');
  await page.getByRole('combobox', { name: 'Comes from' }).selectOption({ label: 'Answers of a model' });
  const list = page.getByRole('table', { name: 'Datasets' });
  await expect(list.getByRole('row')).toHaveCount(2);
  await page.keyboard.press('Tab');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Answers of lead-3' })).toBeVisible();
});

test('a new experiment can use an older version', async ({ page, client }) => {
  const body = 'examples,ground_truth\na text,short\n';
  const { id } = await client.uploadDataset({ filename: 'two-versions.csv', body });
  const changes = [{ row_id: 0, column: 'ground_truth', value: 'shorter' }];
  await client.datasets.edit.mutate({ request_id: crypto.randomUUID(), id, changes, note: 'shortened' });
  await page.goto('/experiments/new');
  await page.getByRole('combobox', { name: 'Dataset' }).click();
  await page.getByPlaceholder('Search datasets').fill('two-versions');
  await page.getByRole('option', { name: /^two-versions v2 Edited here · 1 row/ }).click();
  const version = page.getByRole('combobox', { name: 'Version' });
  await expect(version.getByRole('option')).toHaveText(['v2, the newest: shortened', 'v1']);
  await version.selectOption('v1');
  await expect(page.getByRole('combobox', { name: 'Dataset' })).toHaveText('two-versionsv1');
  await expect(page.getByRole('link', { name: 'Look at it' })).toHaveAttribute('href', `/datasets/${id}`);
});
