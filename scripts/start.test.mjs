/** What a person reads when a start cannot go on. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-start-'));
afterAll(() => rmSync(folder, { recursive: true }));

function start(args, env = {}) {
  const file = join(import.meta.dirname, 'start.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, '--home', join(folder, 'home'), ...args], {
    env: { ...process.env, ...env, TOUCHSTONE_TOOLCHAIN: join(folder, 'toolchain') },
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

/** A Python that is `version` and has none of the modules that the set-up could use. */
function fakePython(version) {
  const path = join(folder, `python-${version}`);
  writeFileSync(path, `#!/bin/sh\ncase "$2" in *version_info*) echo ${version} ;; *) exit 1 ;; esac\n`);
  chmodSync(path, 0o755);
  return path;
}

test('--help tells the options; an unknown one is an error that tells them too', () => {
  expect(start(['--help'])).toMatchObject({ status: 0, output: expect.stringContaining('--no-demo') });
  expect(start(['--prot', '1'])).toMatchObject({ status: 2, output: expect.stringMatching(/--prot[\s\S]*--port <n>/) });
});

test('a Python that is too old: which ones are needed, and which was found', () => {
  const { status, output } = start([], { TOUCHSTONE_PYTHON: fakePython('3.10') });
  expect(status).toBe(1);
  expect(output).toMatch(/Python 3\.11, 3\.12, 3\.13 or 3\.14 is needed.*is 3\.10/);
  expect(output).toContain('What to do: install one');
});

test('a Python without venv and pip: the package to install', () => {
  const { status, output } = start([], { TOUCHSTONE_PYTHON: fakePython('3.12') });
  expect(status).toBe(1);
  expect(output).toContain('has neither venv nor pip');
  expect(output).toContain('apt-get install python3.12-venv');
});
