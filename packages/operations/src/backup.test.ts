/** Backup and restore of an installation whose job runs, with the endpoint's ledger as witness. */
import { createHash, randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTouchstoneClient, type TouchstoneClient } from '@touchstone/client';
import { type FakeLlm, startFakeLlm } from '@touchstone/fake-llm';
import { type Stack, startStack } from '@touchstone/local-stack';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeBackup } from './backup.ts';
import { examine } from './doctor/doctor.ts';
import type { Manifest } from './manifest.ts';
import { restoreBackup } from './restore.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const ROWS = 60;
const SECRET = 'sk-0123456789-canary';

let folder: string;
let endpoint: FakeLlm;
let stack: Stack | null = null;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-backup-'));
  endpoint = await startFakeLlm({ latency_ms: 400 });
});
afterAll(async () => {
  await stack?.stop();
  await endpoint?.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const services = ['postgres', 'server', 'ray'] as const;
const start = async (home: string) => {
  const started = await startStack({ home, web: 'none', services: [...services] });
  await started.ready.ray;
  return started;
};
const clientOf = ({ url, keys }: Stack) => createTouchstoneClient({ url, apiKey: keys.apiKey });
const inputOf = (i: number) => `Item ${i} came. It was wrapped.`;
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

async function runExperiment(client: TouchstoneClient): Promise<string> {
  const lines = Array.from({ length: ROWS }, (_, i) => `"${inputOf(i)}",Item ${i}.`);
  const dataset = await client.uploadDataset({
    filename: 'items.csv',
    body: `examples,ground_truth\n${lines.join('\n')}\n`,
  });
  const { id } = await client.experiments.create.mutate({
    request_id: randomUUID(),
    name: 'Half done',
    dataset_id: dataset.id,
    input_column: 'examples',
    reference_column: 'ground_truth',
    task: 'summarization',
    prompt: '{{examples}}',
    models: [{ name: 'mine', model: 'm', base_url: endpoint.base_url, concurrency: 2, secret: 'my_key' }],
    metrics: ['rouge'],
  });
  return id;
}

async function waitFor<T>(look: () => Promise<T | null>, seconds = 120): Promise<T> {
  for (const until = Date.now() + seconds * 1000; ; ) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > until) throw new Error(`not within ${seconds} s`);
    await sleep(200);
  }
}

/** The row ids that a backup's journals have an answer for. */
function answeredIn(backup: string): Set<number> {
  const answered = new Set<number>();
  for (const file of readdirSync(backup, { recursive: true, encoding: 'utf8' })) {
    if (!/\/journal\/.*\.jsonl$/.test(file)) continue;
    for (const line of readFileSync(join(backup, file), 'utf8').trim().split('\n')) {
      const { row_id, prediction } = JSON.parse(line) as { row_id: number; prediction: string | null };
      if (prediction !== null) answered.add(row_id);
    }
  }
  return answered;
}

test('a job that was half done when the backup was made ends in another home, and no answered row is paid for again', async () => {
  stack = await start(at('first'));
  let client = clientOf(stack);
  await client.secrets.set.mutate({ name: 'my_key', value: SECRET });
  const id = await runExperiment(client);
  await waitFor(async () => {
    const { rows } = (await client.experiments.get.query({ id })).workflows[0]!;
    return rows.answered >= ROWS / 4 ? rows : null;
  });

  const manifest = await makeBackup({ home: at('first'), path: at('backup'), with_keys: true });
  const { rows } = (await client.experiments.get.query({ id })).workflows[0]!;
  expect(rows.answered).toBeLessThan(ROWS);
  const answered = answeredIn(at('backup'));
  expect(answered.size).toBeGreaterThanOrEqual(ROWS / 4);
  expect(manifest.files.map(({ name }) => name).filter((name) => name.endsWith('.sealed'))).toEqual([]);

  const checks = await examine({
    home: stack.home.dir,
    instance: { url: stack.url, api_key: stack.keys.apiKey },
    deep: true,
  });
  const stateOf = (name: string) => checks.find((check) => check.name === name)?.state;
  for (const name of ['server', 'key', 'clock', 'data', 'database', 'storage', 'ray', 'job', 'key files', 'ports']) {
    expect([name, stateOf(name)]).toEqual([name, 'ok']);
  }
  // It was not started here.
  expect(stateOf('mlflow')).toBe('fail');
  await stack.stop();
  stack = null;

  const before = (await endpoint.ledger()).prompts;
  expect(await restoreBackup({ path: at('backup'), home: at('second') })).toMatchObject({ secrets_lost: [] });
  stack = await start(at('second'));
  client = clientOf(stack);
  const experiment = await waitFor(async () => {
    const found = await client.experiments.get.query({ id });
    return found.finished_at === null ? null : found;
  });
  expect(experiment.workflows[0]).toMatchObject({
    status: 'succeeded',
    rows: { total: ROWS, answered: ROWS, failed: 0, not_run: 0, pending: 0 },
  });
  const after = (await endpoint.ledger()).prompts;
  for (const row_id of answered) {
    const hash = hashOf(inputOf(row_id));
    expect([row_id, after[hash]]).toEqual([row_id, before[hash]]);
  }
  expect((await client.secrets.list.query())[0]).toMatchObject({ name: 'my_key' });
  await stack.stop();
  stack = null;
});

test('a stopped installation is backed up as one file; without its key its secrets have to be set again', async () => {
  await makeBackup({ home: at('second'), path: at('small.tar'), with_keys: false });
  expect(statSync(at('small.tar')).mode & 0o077).toBe(0);
  const { secrets_lost } = await restoreBackup({ path: at('small.tar'), home: at('third') });
  expect(secrets_lost).toEqual(['my_key']);
  expect(readdirSync(at('third'))).not.toContain('database');
});

test('nothing is restored into a folder that has something in it', async () => {
  mkdirSync(at('full'));
  writeFileSync(at('full/mine.txt'), 'mine');
  await expect(restoreBackup({ path: at('backup'), home: at('full') })).rejects.toThrow('is not empty');
  expect(readdirSync(at('full'))).toEqual(['mine.txt']);
});

/** A copy of the backup with something changed. */
function tamper(name: string, change: (backup: string) => void): string {
  cpSync(at('backup'), at(name), { recursive: true });
  change(at(name));
  return at(name);
}
function changeManifest(backup: string, change: (manifest: Manifest) => object): void {
  const file = join(backup, 'manifest.json');
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')) as Manifest)));
}

test('a backup that is not what was made is refused before anything is touched', async () => {
  const cases: [string, (backup: string) => void, string][] = [
    [
      'changed',
      (backup) => writeFileSync(join(backup, 'database/job.jsonl'), '{}\n'),
      'database/job.jsonl is not what',
    ],
    ['missing', (backup) => rmSync(join(backup, 'database/job.jsonl')), 'database/job.jsonl is missing'],
    [
      'more',
      (backup) => writeFileSync(join(backup, 'storage/more.txt'), 'x'),
      'storage/more.txt is not in its manifest',
    ],
    ['foreign', (backup) => writeFileSync(join(backup, 'config.json'), '{}'), 'it has "config.json"'],
    ['cut', (backup) => rmSync(join(backup, 'manifest.json')), 'it has no manifest.json'],
    ['garbled', (backup) => writeFileSync(join(backup, 'manifest.json'), '{"format"'), 'manifest cannot be read'],
    [
      'newer-format',
      (backup) => changeManifest(backup, (made) => ({ ...made, version: 2, touchstone_version: '9.9.9' })),
      'made by a newer Touchstone (9.9.9)',
    ],
    [
      'newer-database',
      (backup) => changeManifest(backup, (made) => ({ ...made, migrations: [...made.migrations, '9999_unheard_of'] })),
      'made by a newer Touchstone',
    ],
  ];
  for (const [name, change, words] of cases) {
    const path = tamper(`backup-${name}`, change);
    await expect(restoreBackup({ path, home: at('never') }), name).rejects.toThrow(words);
    expect(existsSync(at('never'))).toBe(false);
  }
  expect(readdirSync(folder).filter((name) => name.includes('restoring'))).toEqual([]);
});
