/** The package as other apps have it: installed from its tarball by npm, checked by TypeScript 5, run on Node 20 against the real server. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { outsideEnv, packPackage, ROOT, type Stack, startStack } from '@touchstone/local-stack';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 180_000 });

let folder: string;
let app: string;
let stack: Stack;
let outside: Awaited<ReturnType<typeof outsideEnv>>;

/** Runs a program in the app's folder, which knows nothing of this repository. */
async function run(program: string, args: string[], more: Record<string, string> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { cwd: app, env: { ...outside.env, ...more } }).catch(
    (error: Error & { stdout?: string }) => {
      throw new Error(`${error.message}\n${error.stdout ?? ''}`);
    },
  );
  return stdout;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-package-'));
  app = join(folder, 'examples', 'client-app');
  cpSync(join(ROOT, 'examples', 'client-app'), app, {
    recursive: true,
    filter: (path) => !/node_modules|dist$|package-lock/.test(path),
  });
  outside = await outsideEnv();
  console.log(`The app runs on Node ${outside.version}.`);
  const starting = startStack({ home: join(folder, 'home'), web: 'none', services: ['postgres', 'server', 'ray'] });
  await packPackage('client', join(folder, 'dist'));
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline']);
  stack = await starting;
  await stack.ready.ray;
}, 240_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

test('the package needs nothing of this workspace', async () => {
  const manifest = readFileSync(join(app, 'node_modules/@touchstone/client/package.json'), 'utf8');
  expect(manifest).not.toMatch(/workspace:|catalog:/);
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
  expect(Object.keys(dependencies)).not.toContainEqual(expect.stringContaining('@touchstone/'));
  expect(Object.values(dependencies)).toEqual(
    Object.values(dependencies).map(() => expect.stringMatching(/^\d+\.\d+/)),
  );
});

test.each(['true', 'false'])('the app type-checks with skipLibCheck %s', async (skipLibCheck) => {
  await run('npx', ['tsc', '-p', '.', '--noEmit', '--skipLibCheck', skipLibCheck]);
});

test('what the server would refuse is a type error', async () => {
  const file = join(app, 'src', 'wrong.ts');
  writeFileSync(
    file,
    `import type { TouchstoneClient } from '@touchstone/client';
export async function wrong(client: TouchstoneClient, id: string): Promise<void> {
  // @ts-expect-error an input that is not known
  await client.experiments.list.query({ serach: 'x' });
  // @ts-expect-error a metric that is not known
  await client.experiments.add_metrics.mutate({ request_id: id, id, metrics: ['rogue'] });
  // @ts-expect-error a procedure that is not there
  await client.experiments.delete.mutate({ id });
  const experiment = await client.experiments.get.query({ id });
  // @ts-expect-error an output that is not there
  experiment.stauts;
  const status: 'created' | 'running' | 'succeeded' | 'partial' | 'failed' | 'stopped' = experiment.status;
  void status;
}
`,
  );
  await run('npx', ['tsc', '-p', '.', '--noEmit']);
  rmSync(file);
});

test('the app uploads, creates an experiment, follows it live, reads rows and downloads them', async () => {
  const output = await run('npm', ['run', 'compare', '--', join(ROOT, 'examples', 'dialogues.csv')], {
    TOUCHSTONE_URL: stack.url,
    TOUCHSTONE_API_KEY: stack.keys.apiKey,
  });
  expect(output).toContain('Uploaded dialogues (120 rows); the newest: dialogues');
  expect(output).toMatch(/^(created|running): lead-3 \d+\/20, lexrank \d+\/20$/m);
  expect(output).toMatch(/^succeeded: lead-3 20\/20, lexrank 20\/20$/m);
  expect(output).toMatch(/^lead-3: succeeded, ROUGE-L 0\.\d{3}, 20 of 20 rows answered$/m);
  expect(output).toMatch(/^First row: \S/m);
  expect(readFileSync(join(app, 'rows.csv'), 'utf8')).toMatch(/^row_id,repeat,workflow,model,input,/);
});

test('a wrong key and a server that is not there are told in words', async () => {
  const compare = (env: Record<string, string>) =>
    run('node', ['dist/compare.js', join(ROOT, 'examples', 'dialogues.csv')], env);
  await run('npm', ['run', 'build']);
  await expect(compare({ TOUCHSTONE_URL: stack.url, TOUCHSTONE_API_KEY: 'tsk_no' })).rejects.toThrow(/Sign in|API key/);
  await expect(compare({ TOUCHSTONE_URL: 'http://127.0.0.1:9', TOUCHSTONE_API_KEY: 'tsk_no' })).rejects.toThrow(
    'Touchstone does not answer at http://127.0.0.1:9',
  );
});
