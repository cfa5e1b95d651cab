/** `test` of the browser specs: signed in, with a client of the same server. */
import { join } from 'node:path';
import { test as base, type Page } from '@playwright/test';
import type { TouchstoneClient } from '@touchstone/client';
import { type Experiment, isOver, untilExperiment } from './experiments.ts';
import { getShared } from './shared.ts';
import { clientOf } from './stack.ts';

export { expect } from '@playwright/test';

type WorkerFixtures = {
  client: TouchstoneClient;
  /** File with the cookie of a session that a one-time link opened. */
  session: string;
  /** The shared experiment, when it is over. */
  finished: Experiment;
};

export const test = base.extend<object, WorkerFixtures>({
  // The linters want no empty pattern, and Playwright no other parameter than a pattern.
  client: [async ({ playwright }, use) => playwright && use(clientOf(getShared().home)), { scope: 'worker' }],
  session: [
    async ({ browser, client }, use, { parallelIndex, project }) => {
      const { url } = await client.sign_in_links.create.mutate();
      const page = await browser.newPage({ storageState: { cookies: [], origins: [] } });
      await signIn(page, url);
      const file = join(project.outputDir, `session-${parallelIndex}.json`);
      await page.context().storageState({ path: file });
      await page.close();
      await use(file);
    },
    { scope: 'worker' },
  ],
  finished: [
    async ({ client }, use) => use(await untilExperiment(client, getShared().experiment_id, isOver)),
    { scope: 'worker', timeout: 150_000 },
  ],
  baseURL: async ({ client }, use) => client && use(getShared().url),
  storageState: async ({ session }, use) => use(session),
});

/** Opens a one-time link and presses its button. */
export async function signIn(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Experiments' }).waitFor();
}
