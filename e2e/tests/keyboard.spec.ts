/** Nothing needs a pointer. */
import type { Locator, Page } from '@playwright/test';
import { startFakeLlm } from '@touchstone/fake-llm';
import { makeDialogues } from '../support/dialogues.ts';
import { uploadDialogues } from '../support/experiments.ts';
import { expect, test } from '../support/test.ts';

/** Tab, as often as it takes. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < 120; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${String(target)}.`);
}

async function fillByKeyboard(page: Page, field: Locator, text: string): Promise<void> {
  await tabTo(page, field);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(text);
}

test('an experiment is made, looked at and deleted by keyboard alone', async ({ page, client }) => {
  test.setTimeout(240_000);
  await using endpoint = await startFakeLlm();
  await uploadDialogues(client, 'By keyboard', makeDialogues(6));
  const press = (key: string) => page.keyboard.press(key);
  await page.goto('/experiments');
  await tabTo(page, page.getByRole('link', { name: 'New experiment' }));
  await press('Enter');

  await tabTo(page, page.getByRole('combobox', { name: 'Dataset' }));
  await press('Enter');
  await page.keyboard.type('By keyboard');
  await expect(page.getByRole('listbox').getByRole('option')).toHaveCount(1);
  await press('Enter');
  await expect(page.getByRole('combobox', { name: 'Dataset' })).toHaveText('By keyboard');
  await fillByKeyboard(page, page.getByRole('textbox', { name: 'Prompt template' }), 'Briefly: {{examples}}');
  await expect(page.getByRole('region', { name: 'Rendered prompt' })).toContainText('Briefly: Ana: Can you meet me');
  for (const name of [/^baseline\/lead-3/, /^baseline\/lexrank/]) {
    await tabTo(page, page.getByRole('checkbox', { name }));
    await press('Space');
  }
  await tabTo(page, page.getByRole('button', { name: 'Add endpoint model' }));
  await press('Enter');
  const card = page.getByRole('group', { name: 'Endpoint model 1' });
  await press('Shift+Tab');
  await fillBackwards(page, card.getByRole('textbox', { name: 'Base URL' }), endpoint.base_url);
  await fillByKeyboard(page, card.getByRole('textbox', { name: 'Model name' }), 'm');
  await fillByKeyboard(page, page.getByRole('spinbutton', { name: 'Rows (optional)' }), '4');
  await fillByKeyboard(page, page.getByRole('textbox', { name: 'Name', exact: true }), 'Made by keyboard');
  await tabTo(page, page.getByRole('button', { name: 'Run experiment' }));
  await press('Enter');

  await expect(page.getByRole('heading', { level: 1, name: 'Made by keyboard' })).toBeVisible();
  await expect(page.getByText('Succeeded', { exact: true })).toBeVisible({ timeout: 120_000 });
  const views = page.getByRole('navigation', { name: 'Views of the experiment' });
  await tabTo(page, views.getByRole('link', { name: 'Rows' }));
  await press('Enter');
  await expect(page.getByRole('table', { name: /^Rows with the answers/ }).getByRole('row')).toHaveCount(5);
  await press('j');
  await press('Enter');
  await expect(page.getByRole('dialog', { name: /^Row \d+/ })).toBeVisible();
  await press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await tabTo(page, page.getByRole('button', { name: 'Delete experiment' }));
  await press('Enter');
  await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Delete experiment' }));
  await press('Enter');
  await expect(page).toHaveURL(/\/experiments$/);
  await expect(page.getByRole('link', { name: 'Shared experiment' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Made by keyboard' })).toHaveCount(0);
});

/** A field before the focus. */
async function fillBackwards(page: Page, field: Locator, text: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    if (await field.evaluate((element) => element === document.activeElement)) {
      await page.keyboard.type(text);
      return;
    }
    await page.keyboard.press('Shift+Tab');
  }
  throw new Error(`Shift+Tab does not reach ${String(field)}.`);
}
