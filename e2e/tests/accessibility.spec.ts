/** Every page for everybody: axe's rules in both themes, a keyboard alone, and a phone's width. */
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { makeDialogues } from '../support/dialogues.ts';
import { startEndpoint } from '../support/endpoint.ts';
import { uploadDialogues } from '../support/experiments.ts';
import { openView, signInViews, type View, viewsOf } from '../support/pages.ts';
import { expect, test } from '../support/test.ts';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

async function findViolations(page: Page, view: View): Promise<string[]> {
  await openView(page, view);
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${view.name}: ${id} at ${target.join(' ')}: ${failureSummary}`),
  );
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing on any page, ${colorScheme}`, async ({ page, finished }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const found: string[] = [];
    for (const view of [...viewsOf(finished), ...signInViews]) found.push(...(await findViolations(page, view)));
    expect(found).toEqual([]);
  });
}

test.describe('at a width of 375 pixels', () => {
  test.use({ viewport: { width: 375, height: 740 } });
  test('no page scrolls sideways', async ({ page, finished }) => {
    const wide: string[] = [];
    for (const view of [...viewsOf(finished), ...signInViews]) {
      await openView(page, view);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > 375) wide.push(`${view.name}: ${width}`);
    }
    expect(wide).toEqual([]);
  });
});

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
  await using endpoint = await startEndpoint();
  await uploadDialogues(client, 'By keyboard', makeDialogues(6));
  const press = (key: string) => page.keyboard.press(key);
  await page.goto('/experiments');
  await tabTo(page, page.getByRole('link', { name: 'New experiment' }));
  await press('Enter');

  await tabTo(page, page.getByRole('combobox', { name: 'Dataset' }));
  await press('Enter');
  await page.keyboard.type('By keyboard');
  await expect(page.getByRole('option')).toHaveCount(1);
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
