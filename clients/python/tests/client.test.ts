/** The Python client as others have it: a wheel, installed in an empty environment outside the repository, against the real server and Ray. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type FakeLlm, startFakeLlm } from '@touchstone/fake-llm';
import { programOf, ROOT, type Stack, startStack } from '@touchstone/local-stack';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { generateClient } from '../generate/client.ts';

vi.setConfig({ testTimeout: 240_000 });

const SOURCE = join(ROOT, 'clients', 'python');

let folder: string;
let python: string;
let stack: Stack;
let endpoint: FakeLlm;

/** Runs a program in a folder that knows nothing of the repository. */
async function run(program: string, args: string[], more: Record<string, string> = {}): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TOUCHSTONE|PYTHON)/.test(name)));
  const { stdout } = await promisify(execFile)(program, args, { cwd: folder, env: { ...env, ...more } }).catch(
    (error: Error & { stdout?: string }) => {
      throw new Error(`${error.message}\n${error.stdout ?? ''}`);
    },
  );
  return stdout;
}

/** A fresh environment with the wheel, and what it and its tests need, from the lock. */
async function install(): Promise<void> {
  const uv = programOf('uv', 'uv');
  const environment = join(folder, 'venv');
  python = join(environment, 'bin', 'python');
  await run(uv, ['build', '--quiet', '--wheel', '--offline', '--out-dir', folder, SOURCE]);
  await run(uv, ['venv', '--quiet', '--no-project', '--python', programOf('python-client', 'python'), environment]);
  const pip = (...args: string[]) => run(uv, ['pip', 'install', '--quiet', '--python', python, ...args]);
  await pip('--require-hashes', '-r', join(SOURCE, 'requirements-test.txt'));
  await pip('--no-index', join(folder, 'touchstone_client-0.1.0-py3-none-any.whl'));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-python-'));
  cpSync(join(SOURCE, 'tests'), join(folder, 'tests'), { recursive: true });
  cpSync(join(SOURCE, 'pyproject.toml'), join(folder, 'pyproject.toml'));
  cpSync(join(ROOT, 'docs', 'guide', 'python.md'), join(folder, 'python.md'));
  cpSync(join(ROOT, 'examples'), join(folder, 'examples'), {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  });
  const home = join(folder, 'home');
  [stack, endpoint] = await Promise.all([
    startStack({ home, web: 'none', services: ['postgres', 'server', 'ray'] }),
    startFakeLlm(),
    install(),
  ]);
  await stack.ready.ray;
}, 240_000);

afterAll(async () => {
  await Promise.all([stack?.stop(), endpoint?.stop()]);
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

test('what is generated is what the server describes: else `npm run generate:python`', async () => {
  for (const [path, text] of Object.entries(await generateClient())) expect(readFileSync(path, 'utf8')).toBe(text);
});

test('its own tests pass', async () => {
  const env = { TOUCHSTONE_URL: stack.url, TOUCHSTONE_API_KEY: stack.keys.apiKey, FAKE_LLM_URL: endpoint.base_url };
  console.log(await run(python, ['-m', 'pytest', '--durations=5'], env));
});

test('what the server would refuse is a type error', async () => {
  const wrong = `from touchstone_client import Touchstone

ts = Touchstone()
ts.experiments.list(serach="x")  # type: ignore[call-arg]
ts.jobs.list(kind="dreaming")  # type: ignore[arg-type]
ts.experiments.add_workflows("id", models=[{"modle": "baseline/copy"}])  # type: ignore[typeddict-unknown-key, typeddict-item]
experiment = ts.experiments.get("id")
experiment.stauts  # type: ignore[attr-defined]
if experiment.status == "succeded":  # type: ignore[comparison-overlap]
    pass
value: float | None = experiment.workflows[0].metrics["rougeL"].value
`;
  writeFileSync(join(folder, 'wrong.py'), wrong);
  await run(python, ['-m', 'mypy', '--strict', '--config-file=', 'wrong.py']);
});
