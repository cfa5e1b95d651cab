/** axe's rules on every page, in both themes. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { openView, settle, signInViews, viewsOf } from '../support/pages.ts';
import { expect, test } from '../support/test.ts';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** All that the theme can change. */
const ABOUT_COLOURS = ['color-contrast', 'link-in-text-block'];

async function findViolations(page: Page, theme: 'light' | 'dark'): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (theme === 'light' ? axe.withTags(TAGS) : axe.withRules(ABOUT_COLOURS)).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
  );
}

test('axe finds nothing on any page, in light and in dark', async ({ page, finished }) => {
  // Thirty pages, each twice.
  test.setTimeout(480_000);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  const found: string[] = [];
  for (const view of [...viewsOf(finished), ...signInViews]) {
    await openView(page, view);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
      await settle(page);
      found.push(
        ...(await findViolations(page, colorScheme)).map((violation) => `${view.name}, ${colorScheme}: ${violation}`),
      );
    }
  }
  expect(found).toEqual([]);
});
