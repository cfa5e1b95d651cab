/** What looks after an installation, as a person types it. The work itself is tested in packages/operations. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Finished, start } from './testing/process.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-operations-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const touchstone = (...args: string[]): Promise<Finished> =>
  start(args, { home: join(folder, 'home'), cwd: folder }).finished;

test('doctor: where nothing was ever started it says what to do, and fails', async () => {
  const { code, stdout, stderr } = await touchstone('doctor');
  expect(stderr).toBe('');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^✗ folder +Touchstone has never been started in .*home\.\n +→ Run `npm start`\.$/m);
  expect(stdout).toMatch(/^✓ Python \(jobs\) +Python 3\.\d+\.\d+ with ray /m);
  expect(existsSync(join(folder, 'home'))).toBe(false);
});

test('doctor --json: of an instance elsewhere, which does not answer', async () => {
  const { code, stdout } = await touchstone('--url', 'http://127.0.0.1:9', '--api-key', 'tsk_x', 'doctor', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    healthy: false,
    checks: [
      {
        name: 'server',
        state: 'fail',
        detail: expect.stringContaining('Nothing answers at http://127.0.0.1:9'),
        to_do: 'Start it with `npm start`.',
      },
      { name: 'key', state: 'skipped', detail: 'The server does not answer.', to_do: null },
    ],
  });
});

test('backup and restore say in one line what keeps them from it', async () => {
  mkdirSync(join(folder, 'mine'));
  writeFileSync(join(folder, 'mine/file.txt'), 'mine');
  writeFileSync(join(folder, 'rows.csv'), 'examples,ground_truth\n'.repeat(100));
  const never = await touchstone('backup', 'backup.tar');
  expect(never).toMatchObject({ code: 1, stderr: `Touchstone has never been started in ${join(folder, 'home')}.` });
  expect(await touchstone('restore', 'rows.csv', '--home', 'mine')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is not empty'),
  });
  expect(await touchstone('restore', 'rows.csv', '--home', 'new')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^\S+rows\.csv is no backup of Touchstone/),
  });
  expect(existsSync(join(folder, 'new'))).toBe(false);
  expect(await touchstone('restore', 'rows.csv')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("required option '--home <dir>'"),
  });
});
