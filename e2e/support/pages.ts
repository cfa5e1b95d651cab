/** Every page and state worth looking at, for checks that hold on all of them. */
import { expect, type Page } from '@playwright/test';
import type { Experiment } from './experiments.ts';

export type View = { name: string; path: string; heading: string; open?: (page: Page) => Promise<void> };

export function viewsOf({ id, dataset, workflows }: Experiment): View[] {
  const experiment = `/experiments/${id}`;
  return [
    { name: 'experiments', path: '/experiments', heading: 'Experiments' },
    { name: 'new experiment', path: '/experiments/new', heading: 'New experiment' },
    {
      name: 'new experiment, filled',
      path: `/experiments/new?from=${id}`,
      heading: 'Duplicate experiment',
      open: (page) => expect(page.getByRole('region', { name: 'Rendered prompt' })).toContainText('number 1.'),
    },
    {
      name: 'new experiment, incomplete',
      path: '/experiments/new',
      heading: 'New experiment',
      open: async (page) => {
        await page.getByRole('button', { name: 'Add endpoint model' }).click();
        await page.getByRole('button', { name: 'Run experiment' }).click();
        await expect(page.getByRole('alert').first()).toBeVisible();
      },
    },
    {
      name: 'no experiment found',
      path: '/experiments?q=nothing+like+it&status=failed&task=translation',
      heading: 'Experiments',
      open: (page) => expect(page.getByText('No experiment matches "nothing like it"')).toBeVisible(),
    },
    { name: 'add models', path: `${experiment}/add`, heading: 'Add models' },
    { name: 'comparison', path: experiment, heading: 'Shared experiment' },
    {
      name: 'rename experiment',
      path: experiment,
      heading: 'Shared experiment',
      open: async (page) => {
        await page.getByRole('button', { name: 'Rename or describe' }).click();
        await expect(page.getByRole('dialog')).toBeVisible();
      },
    },
    {
      name: 'rows',
      path: `${experiment}?tab=rows`,
      heading: 'Shared experiment',
      open: (page) => expect(page.getByRole('table', { name: /^Rows with the answers/ })).toBeVisible(),
    },
    {
      name: 'row',
      path: `${experiment}?tab=rows&filter=failed`,
      heading: 'Shared experiment',
      open: async (page) => {
        await page
          .getByRole('table', { name: /^Rows with the answers/ })
          .getByRole('row')
          .nth(1)
          .click();
        await expect(page.getByRole('dialog', { name: /^Row \d+/ })).toBeVisible();
      },
    },
    {
      name: 'why',
      path: `${experiment}?why=1`,
      heading: 'Shared experiment',
      open: (page) => expect(page.getByRole('heading', { name: 'Evidence' })).toBeVisible(),
    },
    {
      name: 'rows, words marked',
      path: `${experiment}?tab=rows&against=reference`,
      heading: 'Shared experiment',
      open: (page) => expect(page.locator('ins, del').first()).toBeVisible(),
    },
    {
      name: 'row, words marked',
      path: `${experiment}?tab=rows&against=reference`,
      heading: 'Shared experiment',
      open: async (page) => {
        await page
          .getByRole('button', { name: /^Open row/ })
          .first()
          .click();
        await expect(page.getByRole('dialog').locator('del').first()).toBeVisible();
      },
    },
    {
      name: 'distributions',
      path: `${experiment}?tab=distributions`,
      heading: 'Shared experiment',
      open: async (page) => {
        await page.getByText('The numbers as a table').click();
        await expect(page.getByRole('img', { name: /^Histograms of/ })).toBeVisible();
      },
    },
    {
      name: 'remove model',
      path: experiment,
      heading: 'Shared experiment',
      open: async (page) => {
        await page.getByRole('button', { name: 'Actions for patchy' }).click();
        await page.getByRole('menuitem', { name: 'Remove model' }).click();
        await expect(page.getByRole('dialog')).toBeVisible();
      },
    },
    { name: 'runs', path: `${experiment}?tab=runs`, heading: 'Shared experiment' },
    {
      name: 'delete experiment',
      path: experiment,
      heading: 'Shared experiment',
      open: async (page) => {
        await page.getByRole('button', { name: 'Delete experiment' }).click();
        await expect(page.getByRole('dialog')).toBeVisible();
      },
    },
    { name: 'datasets', path: '/datasets', heading: 'Datasets' },
    {
      name: 'health of a dataset',
      // Swapped, so that there is something to find.
      path: `/datasets/${dataset.id}?tab=health&input=ground_truth&reference=examples`,
      heading: 'Shared dialogues',
      open: async (page) => {
        await page.getByRole('button', { name: 'Show texts' }).first().click();
        await expect(page.getByText('I wrote it down as number').first()).toBeVisible();
      },
    },
    {
      name: 'dataset',
      path: `/datasets/${dataset.id}`,
      heading: 'Shared dialogues',
      open: (page) => expect(page.getByRole('table', { name: 'Rows', exact: true })).toBeVisible(),
    },
    { name: 'models', path: '/models', heading: 'Models' },
    { name: 'endpoints', path: '/models?tab=endpoints', heading: 'Models' },
    {
      name: 'add endpoint',
      path: '/models?tab=endpoints',
      heading: 'Models',
      open: async (page) => {
        await page.getByRole('button', { name: 'Add endpoint' }).first().click();
        await expect(page.getByRole('dialog', { name: 'Add endpoint' })).toBeVisible();
      },
    },
    { name: 'metrics', path: '/scoring', heading: 'Metrics' },
    {
      name: 'choose a model',
      path: '/experiments/new?model=qwen3-8b&route=0',
      heading: 'New experiment',
      open: async (page) => {
        await page.getByRole('button', { name: 'Choose a model' }).click();
        await expect(page.getByRole('button', { name: /^GPT-5 mini/ })).toBeVisible();
      },
    },
    { name: 'jobs', path: '/jobs', heading: 'Jobs' },
    {
      name: 'job',
      path: `/jobs/${workflows.at(-1)!.jobs[0]!.id}`,
      heading: 'Inference of patchy',
      open: (page) => expect(page.getByRole('log', { name: 'Log' })).toContainText(/attempt \d/),
    },
    { name: 'settings', path: '/settings', heading: 'Settings' },
    {
      name: 'add secret',
      path: '/settings',
      heading: 'Settings',
      open: async (page) => {
        await page.getByRole('button', { name: 'Add secret' }).click();
        await expect(page.getByRole('dialog', { name: 'Add secret' })).toBeVisible();
      },
    },
    {
      name: 'create API key',
      path: '/settings',
      heading: 'Settings',
      open: async (page) => {
        await page.getByRole('button', { name: 'Create API key' }).click();
        await expect(page.getByRole('dialog', { name: 'Create API key' })).toBeVisible();
      },
    },
    {
      name: 'REST API',
      path: '/api',
      heading: 'REST API',
      open: async (page) => {
        await page.getByText('/api/datasets/{id}/rows', { exact: true }).click();
        await expect(page.getByRole('table', { name: 'Parameters of datasets_preview' })).toBeVisible();
      },
    },
    {
      name: 'search',
      path: '/experiments',
      heading: 'Experiments',
      open: async (page) => {
        await page.keyboard.press('Control+k');
        await expect(page.getByRole('option', { name: /^Shared experiment/ })).toBeVisible();
      },
    },
    { name: 'no such page', path: '/nowhere', heading: 'Page not found' },
  ];
}

export const signInViews: View[] = [
  { name: 'sign-in without a link', path: '/sign-in', heading: 'Sign in with a link' },
  { name: 'sign-in', path: '/sign-in?token=unknown', heading: 'Sign in to Touchstone' },
];

/** Opens a view and waits until it is all there. */
export async function openView(page: Page, { path, heading, open }: View): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
  await expect(page.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
  await open?.(page);
  await settle(page);
}

/** Brings what moves or fades to its end: before that it is not what will be read. What turns for ever is left alone. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const animation of document.getAnimations()) {
      if (animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY) animation.finish();
    }
  });
}
