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
