/** The Python environments: finds a Python, gets uv, and installs from locks with hashes required. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cleanEnv, isCurrent, logs, root, toolchain, writeStamp } from './paths.mjs';
import { runLogged, StepError, step } from './steps.mjs';

const run = promisify(execFile);
const FETCH_HINT = 'read the log; if packages could not be fetched, check the network and the proxy, then start again.';
const ENVIRONMENTS = {
  jobs: { title: 'Python for Ray and its jobs', lock: 'jobs/requirements.txt' },
  mlflow: { title: 'Python for MLflow', lock: 'packages/local-stack/mlflow/requirements.txt' },
  schemathesis: { title: 'Python for the API check', lock: 'apps/server/schemathesis/requirements.txt' },
  'python-client': { title: 'Python for the tests of its client', lock: 'clients/python/requirements-test.txt' },
  'jobs-hf': { title: 'Python for local models (6 GB)', lock: 'jobs/requirements-hf.txt' },
  'jobs-hf-test': { title: 'Python for the tests of local models', lock: 'jobs/requirements-hf-test.txt' },
  'jobs-test': { title: 'Python for the tests', lock: 'jobs/requirements-test.txt' },
};

/** The named environments that are missing, or whose lock has changed. */
export function outdatedPython(names) {
  return names.filter((name) => !isCurrent(stampOf(name), [lockOf(name)]) || !existsSync(pythonOf(name)));
}

/** Creates the named environments under the toolchain folder with a Python that `findPython` found. */
export async function installPython(names, python) {
  if (names.length === 0) return step('Python environments', async () => {});
  const uv = await step('uv', () => getUv(python));
  for (const name of names) await step(ENVIRONMENTS[name].title, () => install(name, uv));
}

/** What runs on Ray: the jobs' own packages, or with them those of an extra. */
export const rayPython = (extras) => (extras.includes('hf') ? 'jobs-hf' : 'jobs');

/** Whether an environment was installed once. */
export const hasPython = (name) => existsSync(pythonOf(name));

/** The interpreter of an environment. */
export function pythonOf(name) {
  return join(toolchain, name, 'bin', 'python');
}

/** A Python 3.11–3.14 with venv or pip: TOUCHSTONE_PYTHON, or the first that fits on PATH. Throws what is missing. */
export async function findPython() {
  const names = process.env.TOUCHSTONE_PYTHON
    ? [process.env.TOUCHSTONE_PYTHON]
    : ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.14', 'python'];
  const seen = [];
  for (const name of names) {
    const version = await run(name, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']).then(
      ({ stdout }) => stdout.trim(),
      () => null,
    );
    if (version) seen.push(`${name} is ${version}`);
    if (/^3\.1[1-4]$/.test(version ?? '')) return { command: name, by: await installerOf(name, version) };
  }
  throw new StepError(
    `Python 3.11, 3.12, 3.13 or 3.14 is needed (Ray has no builds for others); found: ${seen.join(', ') || 'no Python'}.`,
    {
      hint: 'install one (Debian, Ubuntu: "apt-get install python3 python3-venv"), or set TOUCHSTONE_PYTHON to its path.',
    },
  );
}

/** What the Python can install with. Many distributions ship one without venv and without pip. */
async function installerOf(command, version) {
  if (await works(command, ['-c', 'import venv, ensurepip'])) return 'venv';
  if (await works(command, ['-m', 'pip', '--version'])) return 'pip';
  throw new StepError(`${command} (${version}) has neither venv nor pip.`, {
    hint: `install one of them (Debian, Ubuntu: "apt-get install python${version}-venv"; Fedora: "dnf install python3-pip"), then start again.`,
  });
}

/** The pinned uv, in a folder of its own. */
async function getUv({ command, by }) {
  const lock = join(root, 'tools', 'requirements-uv.txt');
  const folder = join(toolchain, 'uv');
  const stamp = join(folder, '.stamp');
  const uv = { path: join(folder, 'bin', 'uv'), python: command };
  if (isCurrent(stamp, [lock]) && existsSync(uv.path)) return uv;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(toolchain, { recursive: true });
  const flags = ['--quiet', '--disable-pip-version-check', '--require-hashes', '--only-binary', ':all:', '-r', lock];
  const options = { logs, env: cleanEnv(), hint: FETCH_HINT };
  if (by === 'venv') {
    await runLogged('uv', command, ['-m', 'venv', folder], options);
    await runLogged('uv', join(folder, 'bin', 'python'), ['-m', 'pip', 'install', ...flags], options);
  } else {
    await runLogged('uv', command, ['-m', 'pip', 'install', ...flags, '--target', folder], options);
  }
  writeStamp(stamp, [lock]);
  return uv;
}

async function install(name, uv) {
  const folder = join(toolchain, name);
  const options = {
    logs,
    env: { ...cleanEnv(), UV_NO_PROGRESS: '1' },
    hint: FETCH_HINT,
  };
  rmSync(stampOf(name), { force: true });
  if (!(await works(pythonOf(name), ['-c', '']))) {
    await runLogged(
      `python-${name}`,
      uv.path,
      ['venv', '--clear', '--no-project', '--python', uv.python, folder],
      options,
    );
  }
  const sync = ['pip', 'sync', '--require-hashes', '--compile-bytecode', '--python', pythonOf(name), lockOf(name)];
  await runLogged(`python-${name}`, uv.path, sync, options);
  writeStamp(stampOf(name), [lockOf(name)]);
}

function stampOf(name) {
  return join(toolchain, name, '.stamp');
}

function lockOf(name) {
  return join(root, ENVIRONMENTS[name].lock);
}

function works(command, args) {
  return run(command, args).then(
    () => true,
    () => false,
  );
}
