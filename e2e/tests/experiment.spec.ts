/** What the product is for: from a file to a comparison of models, every answer of it, its export and its record. */
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { hashOf, startFakeLlm } from '@touchstone/fake-llm';
import { makeDialogues, parseCsv, toCsv } from '../support/dialogues.ts';
import { expect, test } from '../support/test.ts';

const ROWS = 40;
const KEY = 'sk-for-the-whole-flow';
/** None of the columns has a name that is preselected. */
const rows = makeDialogues(ROWS).map(({ examples, ground_truth }, index) => ({
  number: String(index + 1),
  dialogue: examples,
  summary: ground_truth,
}));

const rowsDone = async (progress: Locator) => Number(await progress.getAttribute('aria-valuenow', { timeout: 1000 }));

/** Any reload would lose it. */
const markPage = (page: Page) => page.evaluate(() => Object.assign(window, { stayed: true }));
const hasStayed = (page: Page) => page.evaluate(() => 'stayed' in window);

test('from a file to a comparison, its rows, its export, its record, and its end', async ({ page, client }) => {
  test.setTimeout(300_000);
  await client.secrets.set.mutate({ name: 'flow_key', value: KEY });
  await using endpoint = await startFakeLlm({ latency_ms: 500, require_key: KEY, fail_rate: 0.1, fail: '400' });

  await test.step('upload', async () => {
    await page.goto('/datasets');
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Upload file' }).click();
    await (await chooser).setFiles({ name: 'flow.csv', mimeType: 'text/csv', buffer: Buffer.from(toCsv(rows)) });
    await page.getByRole('link', { name: 'New experiment with it' }).click();
  });

  await test.step('data and prompt', async () => {
    await expect(page.getByRole('combobox', { name: 'Dataset' })).toHaveText('flow');
    await page.getByRole('combobox', { name: 'Input column' }).selectOption('dialogue');
    await page.getByRole('combobox', { name: 'Reference column' }).selectOption('summary');
    const prompt = page.getByRole('textbox', { name: 'Prompt template' });
    const rendered = page.getByRole('region', { name: 'Rendered prompt' });
    await expect(rendered).toContainText('I wrote it down as number 1.');
    await prompt.fill('Say "it" shortly:\n\n{{dialog}}');
    await expect(page.getByText('The dataset has no column "dialog".')).toBeVisible();
    await page.getByRole('button', { name: 'Use "dialogue"' }).click();
    await expect(rendered).toContainText(`Say "it" shortly:\n\n${rows[0]!.dialogue}`);
    await page.getByRole('button', { name: 'Next row', exact: true }).click();
    await expect(rendered).toContainText(rows[1]!.dialogue);
    await expect(rendered).toContainText(rows[1]!.summary);
  });

  await test.step('models', async () => {
    await page.getByRole('checkbox', { name: /^baseline\/copy/ }).uncheck();
    await page.getByRole('button', { name: 'Add endpoint model' }).click();
    const card = page.getByRole('group', { name: 'Endpoint model 1' });
    await card.getByRole('textbox', { name: 'Base URL' }).fill(endpoint.base_url);
    await card.getByRole('textbox', { name: 'Model name' }).fill('m');
    await card.getByRole('textbox', { name: 'Name (optional)', exact: true }).fill('local');
    await card.getByRole('combobox', { name: 'Key' }).selectOption('flow_key');
    await card.getByRole('textbox', { name: 'Calls at once' }).fill('2');
  });

  await test.step('metrics and name', async () => {
    await page.getByRole('checkbox', { name: /^Exact match/ }).check();
    await page.getByRole('button', { name: 'Add a check' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a check' });
    await dialog.getByRole('combobox', { name: 'What to check' }).selectOption('regex');
    await dialog.getByRole('textbox', { name: 'Pattern' }).fill('number \\d');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('says_number');
    await dialog.getByRole('button', { name: 'Add check' }).click();
    await expect(page.getByRole('button', { name: 'Change says_number' })).toBeVisible();
    await page.getByRole('combobox', { name: 'Main metric' }).selectOption({ label: 'ROUGE-1' });
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Whole flow');
    const summary = page.getByRole('complementary', { name: 'Summary' });
    await expect(summary).toContainText('dialogue → summary');
    await expect(summary).toContainText(`${ROWS} rows × 3 models = 120`);
    await page.getByRole('button', { name: 'Run experiment' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Whole flow' })).toBeVisible();
    await expect(page).toHaveURL(/\/experiments\/[0-9a-f-]{36}$/);
  });

  const table = page.getByRole('table', { name: /^Models of the experiment/ });
  const line = (model: string) => table.getByRole('row', { name: new RegExp(`^${model}`) });

  await test.step('live progress without a reload', async () => {
    await markPage(page);
    const progress = page.getByRole('progressbar', { name: 'Progress of local' });
    await expect.poll(() => rowsDone(progress), { timeout: 90_000 }).toBeGreaterThan(0);
    const seen = await rowsDone(progress);
    expect(seen).toBeLessThan(ROWS);
    await expect.poll(() => rowsDone(progress)).toBeGreaterThan(seen);
    await expect(line('local')).toContainText(/\d+ of 40/);
  });

  await test.step('comparison with intervals', async () => {
    const verdict = page.getByRole('region', { name: 'Verdict' });
    await expect(verdict).toBeVisible({ timeout: 120_000 });
    await expect(page.getByText('Partial', { exact: true }).first()).toBeVisible();
    expect(await hasStayed(page)).toBe(true);
    const intervals = [];
    for (const model of ['lead-3', 'lexrank', 'local']) {
      const score = line(model)
        .getByRole('img', { name: /^0\.\d+ on a scale from/ })
        .first();
      await expect(score).toBeVisible();
      // Against the best, which has none itself.
      intervals.push(/95 % interval/.test((await score.getAttribute('aria-label')) ?? ''));
    }
    expect(intervals.filter(Boolean)).toHaveLength(2);
    await expect(line('lead-3')).toContainText('40 of 40');
    await expect(table.getByRole('columnheader', { name: 'says_number' })).toBeVisible();
    await expect(page.getByRole('region', { name: 'Findings' })).toContainText(
      /the highest ROUGE-1: 0\.\d+ \(95 % interval/,
    );
    await expect(verdict).toContainText(/on ROUGE-1/);
    await verdict.getByRole('button', { name: 'Why' }).click();
    await expect(verdict.getByRole('table', { name: 'Pairs of models on ROUGE-1' }).getByRole('row')).toHaveCount(4);
    await verdict.getByRole('textbox', { name: 'Failed rows, at most %' }).fill('0.1');
    await expect(verdict).toContainText('"local" is left out:');
    await expect(page).toHaveURL(/max_failed=0\.1/);
    await verdict.getByRole('textbox', { name: 'Failed rows, at most %' }).fill('');
    await verdict.getByRole('button', { name: 'Why' }).click();
    await expect(page.getByRole('table', { name: 'Errors by model and kind' })).toContainText('Request refused');
    await table.getByRole('button', { name: 'Latency p50' }).click();
    await expect(table.getByRole('columnheader', { name: /Latency p50/ })).toHaveAttribute('aria-sort', 'descending');
    await expect(table.getByRole('rowheader').first()).toContainText('local');
  });

  const id = new URL(page.url()).pathname.split('/').at(-1)!;
  const { workflows } = await client.experiments.get.query({ id });
  const failed = workflows.find(({ name }) => name === 'local')!.rows.failed;
  expect(failed).toBeGreaterThan(0);

  await test.step('the endpoint was asked with the key and the prompt as written', async () => {
    const { calls, prompts, max_in_flight } = await endpoint.ledger();
    expect(Object.keys(prompts).sort()).toEqual(
      rows.map(({ dialogue }) => hashOf(`Say "it" shortly:\n\n${dialogue}`)).sort(),
    );
    expect(calls).toBe(ROWS);
    expect(max_in_flight).toBeLessThanOrEqual(2);
  });

  await test.step('rows of all models, by keyboard', async () => {
    await page.getByRole('navigation', { name: 'Views of the experiment' }).getByRole('link', { name: 'Rows' }).click();
    const list = page.getByRole('table', { name: 'Rows with the answers of all models' });
    await expect(list.getByRole('columnheader')).toHaveText([
      'Row',
      'Input',
      'Reference',
      'lead-3',
      'lexrank',
      'local',
    ]);
    await expect(list.getByRole('row')).toHaveCount(ROWS + 1);
    await page.getByRole('button', { name: `Failed ${failed}`, exact: true }).click();
    await expect(list.getByRole('row')).toHaveCount(failed + 1);
    for (const row of (await list.getByRole('row').all()).slice(1)) await expect(row).toContainText('Request refused:');

    await page.getByRole('button', { name: `All ${ROWS}`, exact: true }).click();
    await expect(list.getByRole('row')).toHaveCount(ROWS + 1);
    const active = list.getByRole('row').and(page.locator('[aria-current="true"]'));
    for (const key of ['j', 'j', 'k', 'j']) await page.keyboard.press(key);
    await expect(active).toHaveCount(1);
    const number = await active.getByRole('cell').first().textContent();
    await expect(list.getByRole('row').nth(2).getByRole('cell').first()).toHaveText(number!);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog', { name: `Row ${number}` })).toBeVisible();
    await expect(page.getByRole('dialog')).toContainText('Input (dialogue)');
    await expect(page.getByRole('dialog').getByRole('table', { name: 'Scores of this row' })).toContainText(
      'says_number',
    );
    await page.keyboard.press('j');
    await expect(page.getByRole('dialog', { name: `Row ${number}`, exact: true })).toHaveCount(0);
    await page.keyboard.press('k');
    await expect(page.getByRole('dialog', { name: `Row ${number}`, exact: true })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });

  await test.step('export', async () => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'CSV' }).click();
    const records = parseCsv(await readFile(await (await download).path(), 'utf8'));
    expect(records).toHaveLength(3 * ROWS);
    expect(Object.keys(records[0]!).slice(0, 9)).toEqual([
      'row_id',
      'repeat',
      'workflow',
      'model',
      'input',
      'reference',
      'prediction',
      'error',
      'reasoning',
    ]);
    const local = records.filter(({ workflow }) => workflow === 'local');
    expect(local.filter(({ error }) => error!.startsWith('bad_request'))).toHaveLength(failed);
    for (const { row_id, input, reference, prediction, error, rouge1, says_number, latency_ms } of local) {
      const { dialogue, summary } = rows[Number(row_id)]!;
      expect({ input, reference }).toEqual({ input: dialogue, reference: summary });
      if (error) continue;
      expect(dialogue.startsWith(prediction!)).toBe(true);
      expect(Number(rouge1)).toBeGreaterThan(0);
      expect(Number(says_number)).toBe(/number \d/.test(prediction!) ? 1 : 0);
      // The endpoint waits 500 ms by a timer that counts whole milliseconds, and may end within one before its time.
      expect(Number(latency_ms)).toBeGreaterThan(499);
    }
    expect(records.filter(({ workflow, error }) => workflow !== 'local' && error)).toEqual([]);
  });

  await test.step('its record in MLflow', async () => {
    await page.getByRole('navigation', { name: 'Views of the experiment' }).getByRole('link', { name: 'Runs' }).click();
    await expect(page.getByRole('table', { name: 'Jobs' }).getByRole('row')).toHaveCount(8);
    await page.getByRole('link', { name: 'Open in MLflow' }).click({ timeout: 120_000 });
    await expect(page.getByText(/Whole flow · /).first()).toBeVisible({ timeout: 90_000 });
  });

  await test.step('delete', async () => {
    await page.goto(`/experiments/${id}`);
    await page.getByRole('button', { name: 'Delete experiment' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete "Whole flow"?' });
    await expect(dialog).toContainText('3 models with all answers and scores of 40 rows');
    await dialog.getByRole('button', { name: 'Delete experiment' }).click();
    await expect(page).toHaveURL(/\/experiments$/);
    await expect(page.getByRole('link', { name: 'Shared experiment' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Whole flow' })).toHaveCount(0);
    await page.goto(`/experiments/${id}`);
    await expect(page.getByRole('alert').or(page.getByText('could not be shown')).first()).toBeVisible();
  });
});
