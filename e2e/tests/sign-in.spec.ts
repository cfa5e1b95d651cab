/** The door: nobody gets in without a link, and a link opens it once. */
import { expect, test } from '../support/test.ts';

test.use({ storageState: { cookies: [], origins: [] } });

test('a page without a session leads to the sign-in page, and a link leads in, once', async ({
  page,
  client,
  browser,
}) => {
  await page.goto('/datasets');
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fdatasets$/);
  await expect(page.getByRole('heading', { name: 'Sign in with a link' })).toBeVisible();
  await expect(page.getByText('npx touchstone login')).toBeVisible();

  const { url } = await client.sign_in_links.create.mutate();
  await page.goto(url);
  await expect(page.getByRole('heading', { name: 'Sign in to Touchstone' })).toBeVisible();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Experiments' })).toBeVisible();
  expect(page.url()).not.toContain('token');

  const other = await browser.newPage({ storageState: { cookies: [], origins: [] } });
  await other.goto(url);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await expect(other.getByRole('heading', { name: 'This link did not sign you in' })).toBeVisible();
  await expect(other.getByRole('main').getByText(/used before|expired/)).toBeVisible();
  await other.goto(new URL('/experiments', url).href);
  await expect(other).toHaveURL(/\/sign-in/);
  await other.close();
});

test('signing out ends the session', async ({ page, client }) => {
  const { url } = await client.sign_in_links.create.mutate();
  await page.goto(url);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Experiments' })).toBeVisible();
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.goto('/experiments');
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fexperiments$/);
});
