/** The command line as a process, against the real server, Postgres and Ray. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startFakeLlm } from '@touchstone/fake-llm';
import { outsideEnv, packPackage, type Stack, type StackFile, startStack } from '@touchstone/local-stack';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RunResult } from './run/result.ts';
import { type Finished, start } from './testing/process.ts';

// Each step is a process of its own, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 120_000 });

const CSV = `examples,ground_truth\n${Array.from({ length: 12 }, (_, i) => `"Item ${i} came. It was ""wrapped"", in paper.\nNobody opened it.",Item ${i} came.`).join('\n')}\n`;

let folder: string;
let stack: Stack;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-cli-'));
  writeFileSync(join(folder, 'items.csv'), CSV);
  stack = await startStack({ home: join(folder, 'home'), web: 'none', services: ['postgres', 'server', 'ray'] });
  await stack.ready.ray;
}, 240_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const at = (name: string) => join(folder, name);
const begin = (args: string[], stdin?: string) => start(args, { home: at('home'), cwd: folder, stdin });
const touchstone = (args: string[], stdin?: string): Promise<Finished> => begin(args, stdin).finished;

async function json<T>(...args: string[]): Promise<T> {
  const { stdout, stderr } = await touchstone([...args, '--json']);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as T;
}

function writeConfig(name: string, models: (object | string)[], more: object = {}): string {
  const config = { name, dataset: { file: 'items.csv' }, models, metrics: ['rouge', 'length'], ...more };
  writeFileSync(at(`${name}.yaml`), JSON.stringify(config));
  return `${name}.yaml`;
}

describe('an instance that is not there', () => {
  test('has never been started', async () => {
    const { code, stderr } = await start(['status'], { home: at('nowhere') }).finished;
    expect(code).toBe(1);
    expect(stderr).toContain('Run `npm start` first');
  });

  test('does not answer', async () => {
    const { code, stdout, stderr } = await touchstone([
      'status',
      '--json',
      '--url',
      'http://127.0.0.1:9',
      '--api-key',
      'tsk_x',
    ]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      url: 'http://127.0.0.1:9',
      services: { server: { state: 'down', url: 'http://127.0.0.1:9' } },
    });
    expect(stderr).toMatch(
      /^Touchstone does not answer at http:\/\/127\.0\.0\.1:9 \(.*\)\. Start it with `npm start`\.$/,
    );
  });
});

test('status: the server and its services', async () => {
  const status = await json<{ url: string; services: Record<string, { state: string }> }>('status');
  expect(status.url).toBe(stack.url);
  expect(status.services.server?.state).toBe('ok');
  expect(status.services.database?.state).toBe('ok');
  expect((await touchstone(['status'])).stdout).toMatch(/^ray +\w+ +http:/m);
});

test('login: a link, and nothing else on standard output', async () => {
  const { stdout, code } = await touchstone(['login']);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^${stack.url}/sign-in\\?token=\\S+\n$`));
});

test('a key that is not this instance’s', async () => {
  const { code, stderr } = await touchstone(['datasets', 'list', '--api-key', 'tsk_wrong']);
  expect(code).toBe(1);
  expect(stderr).toContain('not known here');
});

test('a dataset is meant by its name: its newest version, and in words which one where several have it', async () => {
  const upload = () => json<{ id: string }>('datasets', 'upload', 'items.csv', '--name', 'Named twice');
  const first = await upload();
  writeFileSync(at('cells.jsonl'), JSON.stringify({ row_id: 0, column: 'examples', value: 'Another one.' }));
  const edited = await json<{ id: string }>('datasets', 'edit', 'Named twice', 'cells.jsonl');
  expect(await json('datasets', 'show', 'Named twice')).toMatchObject({ id: edited.id, version: 2 });
  const config = writeConfig('by-name', ['baseline/copy'], { dataset: { name: 'Named twice' }, metrics: ['length'] });
  expect((await touchstone(['run', config, '--detach'])).code).toBe(0);
  expect(await json('experiments', 'list', '--dataset', 'Named twice')).toMatchObject([{ dataset: { id: edited.id } }]);

  const second = await upload();
  for (const args of [
    ['datasets', 'show', 'Named twice'],
    ['run', config, '--detach'],
  ]) {
    const { code, stderr } = await touchstone(args);
    expect(code).toBe(1);
    expect(stderr).toContain('2 datasets are named "Named twice": give the id of one.');
    expect(stderr).toContain(`${edited.id}  version 2, 12 rows`);
    expect(stderr).toContain(second.id);
    expect(stderr).not.toContain(first.id);
  }
  const wrong = await touchstone(['datasets', 'show', 'Named twise']);
  expect(wrong).toMatchObject({ code: 2 });
  expect(wrong.stderr).toContain('There is no dataset named "Named twise". Did you mean "Named twice"?');
  const [{ id }] = await json<[{ id: string }]>('experiments', 'list', '--dataset', edited.id);
  expect((await touchstone(['experiments', 'delete', id, '--force'])).code).toBe(0);
  for (const dataset of [first.id, second.id]) await touchstone(['datasets', 'delete', dataset, '--all-versions']);
});

test('datasets: upload, list, show, download, rename, edit, versions, delete', async () => {
  const uploaded = await json<{ id: string; name: string; row_count: number }>(
    'datasets',
    'upload',
    'items.csv',
    '--name',
    'Träume',
  );
  expect(uploaded).toMatchObject({ name: 'Träume', row_count: 12 });
  expect(await json<{ id: string }[]>('datasets', 'list')).toEqual([uploaded]);
  expect(await json('datasets', 'show', uploaded.id.slice(0, 8))).toEqual(uploaded);
  const health = await json<{ row_count: number; summary: string }>('datasets', 'health', 'Träume', '--no-reference');
  expect(health).toMatchObject({ row_count: 12, state: 'done' });
  expect(await touchstone(['datasets', 'health', 'Träume', '--input', 'exmples'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean "examples"'),
  });
  expect((await touchstone(['datasets', 'download', uploaded.id])).stdout).toBe(CSV);
  expect((await touchstone(['datasets', 'download', uploaded.id, '--output', 'copy.csv'])).code).toBe(0);
  expect(readFileSync(at('copy.csv'), 'utf8')).toBe(CSV);
  expect(
    (await touchstone(['datasets', 'rename', uploaded.id, 'Dreams', '--description', 'Of one night'])).stdout,
  ).toBe('The dataset is "Dreams" now.\n');
  expect(await touchstone(['datasets', 'rename', uploaded.id])).toMatchObject({ code: 2 });
  writeFileSync(at('changes.jsonl'), '{"row_id": 3, "column": "ground_truth", "value": " x "}\n\n');
  const edited = await json<{ id: string }>('datasets', 'edit', uploaded.id, 'changes.jsonl', '--note', 'by hand');
  expect(edited).toMatchObject({ name: 'Dreams', version: 2, note: 'by hand', provenance: { changed_cells: 1 } });
  expect(await json('datasets', 'versions', uploaded.id)).toMatchObject([{ id: edited.id }, { id: uploaded.id }]);
  expect((await touchstone(['datasets', 'versions', uploaded.id])).stdout).toContain('1 cell of version 1 edited');
  expect(await json('datasets', 'list', '--search', 'one night', '--provenance', 'edited')).toEqual([edited]);
  expect((await touchstone(['datasets', 'list', '--format', 'parquet'])).stdout).toBe('No dataset is like this.\n');
  writeFileSync(at('changes.jsonl'), '{"row_id": 3, "colum": "a", "value": "x"}\n');
  expect(await touchstone(['datasets', 'edit', uploaded.id, 'changes.jsonl'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/Line 1: .*"colum" is not known here: did you mean "column"/s),
  });
  expect((await touchstone(['datasets', 'delete', edited.id])).stdout).toBe(
    'Deleted the dataset "Dreams" (version 2).\n',
  );
  expect((await touchstone(['datasets', 'delete', uploaded.id])).stdout).toBe('Deleted the dataset "Dreams".\n');
  const gone = await touchstone(['datasets', 'download', uploaded.id, '--output', 'gone.csv']);
  expect(gone).toMatchObject({ code: 1, stdout: '' });
  expect(existsSync(at('gone.csv'))).toBe(false);
});

test('a file that is no CSV is refused with its line', async () => {
  writeFileSync(at('ragged.csv'), 'a,b\n1,2\n3\n');
  const { code, stderr } = await touchstone(['datasets', 'upload', 'ragged.csv']);
  expect(code).toBe(2);
  expect(stderr).toContain('Line 3');
  expect(await touchstone(['datasets', 'upload', 'none.csv'])).toMatchObject({
    code: 2,
    stderr: `There is no file ${at('none.csv')}.`,
  });
});

test('secrets: the value comes from standard input and is never shown', async () => {
  const value = 'sk-0123456789abcdef-wxyz';
  expect(await touchstone(['secrets', 'set', 'my_key'], `${value}\n`)).toMatchObject({ code: 0 });
  const listed = await touchstone(['secrets', 'list']);
  expect(listed.stdout).toMatch(/^my_key +wxyz /m);
  expect(listed.stdout).not.toContain(value);
  expect((await touchstone(['secrets', 'set', 'my_key'], '\n')).stderr).toBe('The value is empty.');
  expect(await touchstone(['secrets', 'set', 'My-Key'], 'x')).toMatchObject({ code: 2 });
  expect(await touchstone(['secrets', 'delete', 'my_key'])).toMatchObject({ code: 0 });
  expect(await json('secrets', 'list')).toEqual([]);
});

test('keys: one is printed once, works from the environment, and is refused when it is revoked', async () => {
  const created = await touchstone(['keys', 'create', 'nightly', '--scope', 'run', '--days', '90']);
  expect(created).toMatchObject({ code: 0, stdout: expect.stringMatching(/^tsk_[\w-]{43}\n$/) });
  const key = created.stdout.trim();
  expect((await touchstone(['keys', 'list'])).stdout).toMatch(
    new RegExp(`^nightly +${key.slice(-4)} +run +never `, 'm'),
  );
  const withKey = (...args: string[]) => touchstone(['--url', stack.url, '--api-key', key, ...args]);
  expect(await withKey('experiments', 'list')).toMatchObject({ code: 0 });
  const refused = await withKey('secrets', 'list');
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('scope "owner"')]);
  expect(await touchstone(['keys', 'create', 'nightly'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('already'),
  });
  expect(await touchstone(['keys', 'create', 'x', '--days', 'soon'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--days'),
  });
  expect(await touchstone(['keys', 'revoke', 'nightly'])).toMatchObject({ code: 0 });
  expect(await withKey('experiments', 'list')).toMatchObject({ code: 1, stderr: expect.stringContaining('revoked') });
  expect(await touchstone(['keys', 'revoke', 'nightly'])).toMatchObject({ code: 2 });
});

describe('what cannot be run is told before anything starts', () => {
  test.each([
    ['a config that is not there', ['run', 'none.yaml'], 'There is no config'],
    ['a command that is not there', ['rnu', 'none.yaml'], '(Did you mean run?)'],
    ['an option that is not there', ['run', 'none.yaml', '--jsno', 'x'], '(Did you mean --json?)'],
    [
      'a result that cannot be written',
      ['run', 'columns.yaml', '--json', 'no/such/folder.json'],
      'The result cannot be written',
    ],
    [
      'a column that the dataset lacks',
      ['run', 'columns.yaml'],
      'did you mean "examples"? Its columns: examples, ground_truth.',
    ],
    ['a secret that is not stored', ['run', 'secret.yaml'], '`npx touchstone secrets set no_such_key`'],
  ])('%s', async (_, args, message) => {
    writeConfig('columns', ['baseline/copy'], { dataset: { file: 'items.csv', input: 'exmples' } });
    writeConfig('secret', [{ model: 'm', base_url: 'http://127.0.0.1:9/v1', secret: 'no_such_key' }]);
    const { code, stderr } = await touchstone(args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
    expect(await json('experiments', 'list')).toEqual([]);
  });
});

test('run: progress, table, JSON and export; asked again, the same experiment', { timeout: 240_000 }, async () => {
  const endpoint = await startFakeLlm({ fail_rate: 0.3, fail: '400' });
  try {
    const config = writeConfig('Partly', [
      'baseline/lead-3',
      { name: 'flaky', model: 'm', base_url: endpoint.base_url },
    ]);
    const planned = await touchstone(['run', config, '--dry-run']);
    expect(planned.code).toBe(0);
    expect(planned.stdout).toMatch(/^flaky +12 +[\d,]+ +[\d,]+ +– +–$/m);
    expect(planned.stdout).toContain('unknown until this server has answered once');
    expect(await json<unknown[]>('experiments', 'list')).toHaveLength(0);

    const request = ['run', config, '--request-id', randomUUID()];
    const first = await touchstone([...request, '--json', '-']);
    expect(first.code).toBe(1);
    const result = JSON.parse(first.stdout) as RunResult;
    expect(result.experiment).toMatchObject({ name: 'Partly', status: 'partial' });
    expect(result.experiment.url).toBe(`${stack.url}/experiments/${result.experiment.id}`);
    const [baseline, flaky] = result.workflows;
    expect(baseline).toMatchObject({ name: 'lead-3', model: 'baseline/lead-3', status: 'succeeded' });
    expect(baseline?.metrics.rougeL).toMatchObject({ value: expect.any(Number), scored: 12, total: 12 });
    expect(baseline?.seconds.total).toBeGreaterThan(0);
    expect(flaky?.status).toBe('partial');
    expect(flaky!.rows.answered + flaky!.rows.failed).toBe(12);
    expect(flaky!.rows.failed).toBeGreaterThan(0);
    expect(flaky?.metrics.rougeL?.scored).toBe(flaky?.rows.answered);
    expect(first.stderr).toMatch(/^lead-3 +━{20} +12\/12 +succeeded in /m);
    expect(first.stderr).toMatch(/^Model +ROUGE-L ↑ /m);
    expect(first.stderr).toMatch(/^flaky partial: .*bad_request/m);

    const followed = await touchstone(['experiments', 'show', result.experiment.id, '--follow']);
    expect(followed.stdout).toMatch(/^Model +ROUGE-L ↑ /m);

    const again = await touchstone([...request, '--allow-partial']);
    expect(again.code).toBe(0);
    expect(again.stdout).toContain(result.experiment.url);
    expect(again.stdout).not.toContain('Uploaded');
    expect(again.stdout).toMatch(/^Estimate: cost unknown, [\d,]+ tokens, \d.* s; /m);
    expect(await json<unknown[]>('experiments', 'list')).toHaveLength(1);

    const id = result.experiment.id;
    expect((await touchstone(['experiments', 'show', id])).stdout).toMatch(/^flaky +.* \d+\/12 /m);
    const lines = (await touchstone(['experiments', 'export', id, '--format', 'jsonl'])).stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(24);
    expect(Object.keys(JSON.parse(lines[0]!) as object).slice(0, 8)).toEqual([
      'row_id',
      'repeat',
      'workflow',
      'model',
      'input',
      'reference',
      'prediction',
      'error',
    ]);
    expect(
      (await touchstone(['experiments', 'export', id, '--format', 'parquet', '--output', 'rows.parquet'])).code,
    ).toBe(0);
    expect(readFileSync(at('rows.parquet')).subarray(0, 4).toString()).toBe('PAR1');

    const jobs = await json<{ id: string; kind: string }[]>('jobs', 'list', '--experiment', id);
    expect(jobs.map((job) => job.kind).sort()).toEqual([
      'comparison',
      'evaluation',
      'evaluation',
      'inference',
      'inference',
    ]);
    expect((await touchstone(['jobs', 'log', jobs[0]!.id])).stdout).toContain(`job ${jobs[0]!.id}`);
    expect((await touchstone(['jobs', 'log', jobs[0]!.id, '--follow'])).stdout).toContain(`job ${jobs[0]!.id}`);
    expect((await touchstone(['jobs', 'show', jobs[0]!.id])).stdout).toMatch(/^State +succeeded$/m);

    const given = ['--dataset', 'items.csv', '--prediction', 'ground_truth', '--metrics', 'rouge1,exact_match'];
    const scores = await touchstone(['jobs', 'create', 'evaluation', '--name', 'Given', ...given, '--follow']);
    expect(scores.stdout).toMatch(/^Exact match +1\.000 .* 12\/12 /m);
    const [scored] = await json<{ id: string }[]>('jobs', 'list', '--search', 'given');
    expect(JSON.parse((await touchstone(['jobs', 'result', scored!.id])).stdout)).toMatchObject({ kind: 'evaluation' });
    expect(
      (await touchstone(['jobs', 'rows', scored!.id, '--format', 'jsonl'])).stdout.trimEnd().split('\n'),
    ).toHaveLength(12);
    expect(
      (await touchstone(['jobs', 'create', 'evaluation', '--dataset', 'items.csv', '--prediction', 'nope'])).code,
    ).toBe(2);
    expect((await touchstone(['jobs', 'delete', scored!.id])).stdout).toBe('Deleted the evaluation "Given".\n');
  } finally {
    await endpoint.stop();
  }
});

test('models and endpoints: what there is, added, tested, used in a run and removed', async () => {
  expect((await touchstone(['models', 'list', '--task', 'translation'])).stdout).toMatch(
    /^gpt-oss 20B +Ollama +gpt-oss:20b .*ollama pull/m,
  );
  expect((await touchstone(['models', 'list', '--task', 'poetry'])).code).toBe(2);
  const endpoint = await startFakeLlm({ require_key: 'sk-of-the-endpoint' });
  try {
    const added = await touchstone([
      'endpoints',
      'add',
      'mine',
      '--base-url',
      endpoint.base_url,
      '--secret',
      'mine_key',
    ]);
    expect(added.stdout).toMatch(/endpoint: mine.*\nIts key is not stored yet/);
    await touchstone(['secrets', 'set', 'mine_key'], 'sk-of-another-one');
    expect(await touchstone(['endpoints', 'test', 'mine', '--model', 'm'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('refuses the key'),
    });
    await touchstone(['secrets', 'set', 'mine_key'], 'sk-of-the-endpoint');
    expect(await touchstone(['endpoints', 'test', 'mine'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/list of models, in \d+ ms/),
    });
    const config = writeConfig('By name', [{ model: 'm', endpoint: 'mine' }]);
    expect(await touchstone(['run', config])).toMatchObject({ code: 0 });
    expect((await touchstone(['endpoints', 'list'])).stdout).toMatch(/^mine +http:.* mine_key +1$/m);
    expect((await touchstone(['endpoints', 'remove', 'mine'])).code).toBe(0);
    expect((await touchstone(['run', config])).stderr).toContain('There is no endpoint "mine"');
  } finally {
    await endpoint.stop();
  }
});

test('installed from its tarball, outside of the repository, on Node 20', { timeout: 240_000 }, async () => {
  const elsewhere = at('elsewhere');
  mkdirSync(elsewhere);
  const { env, version } = await outsideEnv();
  console.log(`The packed command runs on Node ${version}.`);
  const tarball = await packPackage('cli', elsewhere);
  const credential = { TOUCHSTONE_URL: stack.url, TOUCHSTONE_API_KEY: stack.keys.apiKey };
  const run = async (program: string, ...args: string[]) =>
    (await promisify(execFile)(program, args, { cwd: elsewhere, env: { ...env, ...credential } })).stdout;
  await run('npm', 'install', '--no-audit', '--no-fund', tarball);
  expect(await run('npx', 'touchstone', '--help')).toMatch(/^Usage: touchstone /);
  const config = at(writeConfig('Elsewhere', ['baseline/lead-3']));
  expect(await run('npx', 'touchstone', 'run', config)).toMatch(/^lead-3 +0\.\d{3}/m);
});

test('a request to Lumigator becomes a config that runs', { timeout: 240_000 }, async () => {
  const endpoint = await startFakeLlm();
  try {
    const request = {
      name: 'From Lumigator',
      description: '',
      dataset: randomUUID(),
      max_samples: 5,
      model: 'm',
      provider: 'openai',
      base_url: endpoint.base_url,
      secret_key_name: null,
      system_prompt: 'Summarize.',
      task_definition: { task: 'summarization' },
      generation_config: { temperature: 0.5, top_p: 0.5, max_new_tokens: 64, frequency_penalty: 0 },
      metrics: ['rouge', 'bertscore'],
    };
    writeFileSync(at('request.json'), JSON.stringify(request));
    mkdirSync(at('configs'));
    const imported = ['import', 'lumigator', 'request.json', '--dataset', 'items.csv'];
    const { stdout } = await touchstone(imported);
    expect(stdout).toMatch(/^# Made from request\.json, a request to Lumigator\.\n# - .*\n/);
    expect(stdout).toContain('\nname: From Lumigator\n');
    const written = await touchstone([...imported, '--out', 'configs/imported.yaml']);
    expect(written).toMatchObject({ code: 0, stderr: expect.stringContaining('The metric "bertscore" is left out.') });
    expect(readFileSync(at('configs/imported.yaml'), 'utf8')).toContain('file: ../items.csv');
    const run = await touchstone(['run', 'configs/imported.yaml']);
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/From Lumigator: 1 model on 5 rows/);

    writeFileSync(at('acme.yaml'), 'name: x\nmodel: m\nprovider: acme\n');
    expect(await touchstone(['import', 'lumigator', 'acme.yaml'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('There is no model here that could be run.'),
    });
    writeFileSync(
      at('bomb.yaml'),
      `a: &a [x,x]\n${'bcdefgh'
        .split('')
        .map((k, i) => `${k}: &${k} [${Array.from({ length: 20 }, () => `*${'abcdefg'[i]}`).join(',')}]`)
        .join('\n')}\n`,
    );
    expect(await touchstone(['import', 'lumigator', 'bomb.yaml'])).toMatchObject({ code: 2 });
  } finally {
    await endpoint.stop();
  }
});

test('run outlives the server; Ctrl-C leaves the experiment running; stop ends it', { timeout: 240_000 }, async () => {
  const endpoint = await startFakeLlm({ latency_ms: 5000 });
  try {
    const config = writeConfig('Slow', [{ name: 'slow', model: 'm', base_url: endpoint.base_url, concurrency: 1 }]);
    const running = begin(['run', config]);
    await running.line(/answering/);
    const { processes } = JSON.parse(readFileSync(at('home/run/stack.json'), 'utf8')) as StackFile;
    process.kill(processes.server!.pid, 'SIGKILL');
    await running.line(/^The server does not answer; trying again for 2 minutes\.$/);
    await running.line(/^The server is back\.$/);
    running.child.kill('SIGINT');
    const { code, stderr } = await running.finished;
    expect(code).toBe(130);
    const id = /touchstone experiments stop (\S+)`/.exec(stderr)?.[1];
    expect(stderr).toContain(`The experiment goes on: ${stack.url}/experiments/${id}`);
    expect(await json('experiments', 'show', id!)).toMatchObject({ status: 'running' });

    expect((await touchstone(['experiments', 'stop', id!])).stdout).toContain('Stopping "Slow"');
    const status = async () => (await json<{ status: string }>('experiments', 'show', id!)).status;
    await expect.poll(status, { timeout: 90_000, interval: 1000 }).toBe('stopped');
    expect((await touchstone(['experiments', 'edit', id!, '--name', 'Calm'])).stdout).toBe('"Calm" is changed.\n');
    const added = await touchstone(['experiments', 'add-model', id!, 'baseline/copy', '--name', 'floor', '--follow']);
    expect(added.stdout).toMatch(/^"floor" runs on the \d+ rows of "Calm": http/);
    expect(added.stdout).toMatch(/floor/);
    const unknown = await touchstone(['experiments', 'remove-model', id!, 'flor']);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "floor"?') });
    const removed = await touchstone(['experiments', 'remove-model', id!, 'floor']);
    expect(removed.stdout).toMatch(/^Removed "floor" from ".*" with 2 jobs, their files and MLflow runs\./);
    const again = await touchstone(['experiments', 'add-model', id!, 'baseline/copy', '--name', 'floor', '--follow']);
    expect(again.code).toBe(0);
    const taken = await touchstone(['experiments', 'add-model', id!, 'baseline/copy', '--name', 'floor']);
    expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('name this one "floor 2"')]);
    const scored = await touchstone(['experiments', 'add-metrics', id!, 'repetition', 'token_f1', '--follow']);
    expect([scored.code, scored.stdout]).toEqual([
      0,
      expect.stringContaining('of "Calm" are scored by token_f1, repetition: http'),
    ]);
    const twice = await touchstone(['experiments', 'add-metrics', id!, 'token_f1']);
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('has token_f1 already')]);
    const nameless = await touchstone(['experiments', 'add-metrics', id!, 'token_f2']);
    expect([nameless.code, nameless.stderr]).toEqual([2, expect.stringContaining('did you mean "token_f1"?')]);
    const odd = await touchstone(['experiments', 'add-model', id!, 'm', '--param', 'temprature=0']);
    expect([odd.code, odd.stderr]).toEqual([2, expect.stringContaining('did you mean "temperature"?')]);
    const found = await json<{ id: string }[]>(
      'experiments',
      'list',
      '--search',
      'calm floor',
      '--task',
      'summarization',
    );
    expect(found.map((experiment) => experiment.id)).toEqual([id]);
    expect((await touchstone(['experiments', 'delete', id!])).stdout).toMatch(
      /^Deleted the experiment "Calm" with 2 models and \d jobs, their files and MLflow runs\.\n$/,
    );
    expect(await touchstone(['experiments', 'show', id!])).toMatchObject({ code: 1 });
  } finally {
    await endpoint.stop();
  }
});
