import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isAlive, processesWith, spawnChild, thisProcess } from './processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-processes-'));
afterAll(() => rmSync(folder, { recursive: true }));

function spawnNode(script: string, marker: Record<string, string>) {
  const log = join(folder, `${Object.values(marker)[0]}.log`);
  const child = spawnChild({
    command: process.execPath,
    args: ['-e', script],
    env: process.env,
    log,
    marker,
    stopWithin: 300,
  });
  return { child, output: () => readFileSync(log, 'utf8') };
}

test('a process is known by its start, not by its pid alone', () => {
  expect(isAlive(thisProcess())).toBe(true);
  expect(isAlive({ ...thisProcess(), started: 'another boot:1' })).toBe(false);
});

test('stopping ends a child that ignores SIGTERM, and a descendant that left its group', async () => {
  const marker = { TOUCHSTONE_TEST_MARK: 'stubborn' };
  const sleeper = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' }).unref();`;
  const { child, output } = spawnNode(
    `process.on('SIGTERM', () => {}); ${sleeper} console.log('up'); setInterval(() => {}, 1000);`,
    marker,
  );
  await expect.poll(output, { timeout: 10_000 }).toContain('up');
  expect(processesWith(marker).length).toBe(process.platform === 'linux' ? 2 : 0);
  await child.stop();
  expect(await child.exited).toBe('SIGKILL');
  expect(processesWith(marker)).toEqual([]);
});

test('a child that ends by itself says how', async () => {
  const { child } = spawnNode('process.exit(3)', { TOUCHSTONE_TEST_MARK: 'quick' });
  expect(await child.exited).toBe('exit code 3');
  expect(isAlive(child)).toBe(false);
});

test('a command that does not exist is an exit with words, and can be stopped', async () => {
  const child = spawnChild({ command: '/no/such/program', args: [], env: {}, log: join(folder, 'none.log') });
  expect(await child.exited).toContain('ENOENT');
  await child.stop();
});
