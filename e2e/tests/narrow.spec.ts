/** A phone's width: tables may scroll in their own box, the page may not. */
import { openView, signInViews, viewsOf } from '../support/pages.ts';
import { expect, test } from '../support/test.ts';

const WIDTH = 375;

test.use({ viewport: { width: WIDTH, height: 740 } });

test(`no page scrolls sideways at ${WIDTH} pixels`, async ({ page, finished }) => {
  const wide: string[] = [];
  for (const view of [...viewsOf(finished), ...signInViews]) {
    await openView(page, view);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > WIDTH) wide.push(`${view.name}: ${width}`);
  }
  expect(wide).toEqual([]);
});
