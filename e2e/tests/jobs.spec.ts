import { readFile } from 'node:fs/promises';
import { expect, test } from '../support/test.ts';

test('jobs are listed, filtered, and tell how they went', async ({ page, finished }) => {
  await page.goto('/jobs');
  const jobs = page.getByRole('table', { name: 'Jobs' });
  await expect(jobs.getByRole('link', { name: 'Evaluation of patchy' })).toBeVisible();
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('inference');
  await expect(jobs.getByRole('link', { name: 'Evaluation of patchy' })).toHaveCount(0);
  await expect(page).toHaveURL(/kind=inference/);
  await jobs.getByRole('link', { name: 'Inference of patchy' }).click();

  await expect(page.getByRole('heading', { level: 1, name: 'Inference of patchy' })).toBeVisible();
  await expect(page.getByRole('main').getByRole('link', { name: 'Shared experiment' })).toBeVisible();
  const job = finished.workflows.find(({ name }) => name === 'patchy')!.jobs[0]!;
  const attempt = page.getByRole('table', { name: 'Attempts' }).getByRole('row', { name: new RegExp(`${job.id}-1`) });
  await expect(attempt).toContainText('Brought a result');
  const log = page.getByRole('log', { name: 'Log' });
  await expect(log).toContainText(`job ${job.id}, attempt 1`);
  await expect(log).toContainText('bad_request');

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download log' }).click();
  expect(await readFile(await (await download).path(), 'utf8')).toContain(`job ${job.id}, attempt 1`);

  await page.getByRole('main').getByRole('link', { name: 'Shared experiment' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Shared experiment' })).toBeVisible();
});
