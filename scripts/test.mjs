/** `npm test`: installs what the tests need, runs every part, and ends with `N passed, N failed`. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { prepareChromium } from './chromium.mjs';
import { cleanEnv, root } from './paths.mjs';
import { pythonOf } from './python.mjs';
import { addCounts, formatCounts, readJunit, readPlaywright, readVitest } from './reports.mjs';
import { step, stopSetUp } from './steps.mjs';
import { hasVersityGw, prepareVersityGw } from './versitygw.mjs';

const PARTS = ['format', 'lint', 'types', 'vitest', 'python', 'e2e', 'hf', 'api', 'faults'];
/** What --all adds, and what runs only where it is asked for: a quarter of an hour of killing and waiting. */
const FURTHER = { hf: 'all', api: 'all', faults: 'asked' };
const HELP = `Usage: npm test -- [--all] [--only <part>[,<part>]]

  --all     with the tests on S3, whose server is built with Go where it is not there yet; the part "hf", local
            models, for which PyTorch is installed (6 GB); and the part "api", in which schemathesis makes up
            requests from the OpenAPI document for a minute and a half
  --only    ${PARTS.join(', ')}

The part "faults", also "npm run faults", kills, freezes and cuts off everything in turn, a quarter of an hour long; "vitest" has
a short form of it.`;

const { values: flags } = parseArgs({
  options: { all: { type: 'boolean' }, only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
const wanted =
  flags.only?.split(',') ?? PARTS.filter((part) => !(part in FURTHER) || (flags.all && FURTHER[part] === 'all'));
const unknown = wanted.find((part) => !PARTS.includes(part));
if (flags.help || unknown) {
  console.log(unknown ? `There is no part "${unknown}".\n\n${HELP}` : HELP);
  process.exit(unknown ? 2 : 0);
}

const needs = (...parts) => parts.some((part) => wanted.includes(part));
const { node, chromium } = await prepare();
const reports = mkdtempSync(join(tmpdir(), 'touchstone-test-'));
const env = cleanEnv(node);
env[process.stdout.isTTY ? 'FORCE_COLOR' : 'NO_COLOR'] = '1';
if (chromium) env.TOUCHSTONE_CHROMIUM = chromium;
const bin = (...path) => join(root, 'node_modules', ...path);
const totals = { passed: 0, failed: 0, skipped: 0 };
const summary = [];

if (needs('format')) await check('format', [node, bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '.']);
if (needs('lint')) await check('lint', [node, bin('oxlint', 'bin', 'oxlint'), '--type-aware', '--deny-warnings']);
if (needs('types')) {
  const turbo = [
    node,
    bin('turbo', 'bin', 'turbo'),
    'run',
    'typecheck',
    '--env-mode=loose',
    '--ui=stream',
    '--output-logs=errors-only',
  ];
  await check('types', turbo);
}
if (needs('vitest')) {
  const report = join(reports, 'vitest.json');
  const command = [
    node,
    bin('vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  await suite('vitest', command, () => readVitest(report));
}
if (needs('python')) {
  const report = join(reports, 'pytest.xml');
  const python = [pythonOf('jobs-test'), '-m'];
  const options = { cwd: join(root, 'jobs') };
  await check('python format', [...python, 'ruff', 'format', '--check', '.'], options);
  await check('python lint', [...python, 'ruff', 'check', '.'], options);
  await check('python types', [...python, 'mypy'], options);
  const client = { python: [pythonOf('python-client'), '-m'], options: { cwd: join(root, 'clients', 'python') } };
  await check('client format', [...client.python, 'ruff', 'format', '--check', '.'], client.options);
  await check('client lint', [...client.python, 'ruff', 'check', '.'], client.options);
  await check('client types', [...client.python, 'mypy'], client.options);
  await suite('pytest', [...python, 'pytest', `--junitxml=${report}`], () => readJunit(report), options);
}
if (needs('e2e')) {
  const report = join(reports, 'playwright.json');
  const command = [
    node,
    join(root, 'e2e', 'node_modules', '@playwright', 'test', 'cli.js'),
    'test',
    '--reporter=list,json',
  ];
  const options = {
    cwd: join(root, 'e2e'),
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: report, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  };
  await suite('e2e', command, () => readPlaywright(report), options);
}

if (needs('hf')) {
  const report = join(reports, 'hf.xml');
  const options = { cwd: join(root, 'jobs') };
  const command = [pythonOf('jobs-hf-test'), '-m', 'pytest', 'tests_hf', '-n', '0', `--junitxml=${report}`];
  await suite('hf', command, () => readJunit(report), options);
}
if (needs('api')) {
  const report = join(reports, 'api.json');
  const test = join('src', 'rest', 'schemathesis.test.ts');
  const command = [node, bin('vitest', 'vitest.mjs'), 'run', '--project', 'server', test, '--reporter=default'];
  const options = { env: { TOUCHSTONE_SCHEMATHESIS_PYTHON: pythonOf('schemathesis') } };
  await suite('api', [...command, '--reporter=json', `--outputFile.json=${report}`], () => readVitest(report), options);
}
if (needs('faults')) {
  const report = join(reports, 'faults.json');
  const command = [node, bin('vitest', 'vitest.mjs'), 'run', '--project', 'faults', '--reporter=default'];
  const options = { env: { TOUCHSTONE_FAULTS: 'all' } };
  const json = ['--reporter=json', `--outputFile.json=${report}`];
  await suite('faults', [...command, ...json], () => readVitest(report), options);
}

rmSync(reports, { recursive: true, force: true });
console.log(`\n${summary.join('\n')}\n`);
if (needs('vitest', 'python') && !hasVersityGw()) {
  console.log('The tests on S3 were left out: there is no S3 server here. "npm test -- --all" builds one, with Go.\n');
}
if (!flags.only && !needs('hf')) {
  console.log('The tests of local models were left out: "npm test -- --all" runs them, with PyTorch (6 GB).\n');
}
if (!flags.only && !needs('api')) {
  console.log('The check of the API with schemathesis was left out: "npm test -- --all" makes it.\n');
}
console.log(formatCounts(totals));
process.exitCode = totals.failed > 0 ? 1 : 0;

async function prepare() {
  try {
    const python = [
      ...(needs('vitest', 'e2e', 'faults') ? ['jobs', 'mlflow'] : []),
      ...(needs('vitest', 'python') ? ['python-client'] : []),
      ...(needs('python') ? ['jobs-test'] : []),
      ...(needs('hf') ? ['jobs-hf-test'] : []),
      ...(needs('api') ? ['schemathesis'] : []),
    ];
    const [ready] = await Promise.all([
      bootstrap({ python, build: needs('vitest', 'e2e', 'api', 'faults') }),
      (flags.all || flags.only === 'faults') &&
        needs('vitest', 'python', 'faults') &&
        step('S3 server for the tests', prepareVersityGw),
    ]);
    return { node: ready, chromium: needs('e2e') ? await step('Chromium', () => prepareChromium(ready)) : null };
  } catch (error) {
    stopSetUp(error);
    console.log('\n0 passed, 1 failed');
    process.exit(1);
  }
}

/** A part that is one test: it passes when the command exits with 0. */
function check(name, command, options) {
  return suite(
    name,
    command,
    (code) => ({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }),
    options,
  );
}

/** A part that reports its own tests; one that fails without a failed test (a crash, an error outside tests) counts as one. */
async function suite(name, command, read, options = {}) {
  console.log(`\n── ${name}`);
  const from = Date.now();
  const code = await run(command, options);
  const counts = read(code) ?? { passed: 0, failed: 1, skipped: 0 };
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  addCounts(totals, counts);
  const mark = counts.failed > 0 ? '✗' : '✓';
  summary.push(
    `${mark} ${name.padEnd(14)} ${formatCounts(counts).padEnd(36)} ${((Date.now() - from) / 1000).toFixed(0).padStart(5)} s`,
  );
}

/** Runs a command with its output on ours; its exit code. */
function run([command, ...args], { cwd = root, env: more = {} }) {
  mkdirSync(reports, { recursive: true });
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: { ...env, ...more }, stdio: ['ignore', 'inherit', 'inherit'] });
    const pass = (signal) => child.kill(signal);
    process.once('SIGTERM', pass);
    process.once('SIGINT', pass);
    child.once('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.once('exit', (code, signal) => {
      process.off('SIGTERM', pass);
      process.off('SIGINT', pass);
      if (signal === 'SIGTERM' || signal === 'SIGINT') process.exit(1);
      resolve(code ?? 1);
    });
  });
}
