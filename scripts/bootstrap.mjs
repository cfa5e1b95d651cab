/** What a clone needs before anything can run: Node 24, pnpm, the packages, the Python environments, the build. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnv, isCurrent, logs, root, writeStamp } from './paths.mjs';
import { findPython, installPython, outdatedPython } from './python.mjs';
import { runLogged, StepError, step } from './steps.mjs';

const NODE_MAJOR = 24;
const tools = join(root, 'tools', 'node_modules');

/** Installs and builds (without `web`: all but the page) what is not current; returns the path of a Node that is new enough. */
export async function bootstrap({ python = ['jobs', 'mlflow'], build = true, web = true } = {}) {
  const outdated = outdatedPython(python);
  const interpreter = outdated.length > 0 ? await findPython() : null; // before minutes of installing
  const node = await step(`Node ${NODE_MAJOR} and pnpm`, prepareNode);
  await Promise.all([prepareJavaScript(node, build, web), installPython(outdated, interpreter)]);
  return node;
}

/** The Node that is already there, if any: nothing is installed for it. */
export function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  const packaged = join(tools, `node-${process.platform}-${process.arch}`, 'bin', 'node');
  return existsSync(packaged) ? packaged : null;
}

async function prepareNode() {
  const stamp = join(tools, '.stamp');
  const inputs = [join(root, 'tools', 'package-lock.json')];
  if (!isCurrent(stamp, inputs)) {
    await runLogged('tools', 'npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
      logs,
      cwd: join(root, 'tools'),
      env: cleanEnv(),
      hint: "read the log; if packages could not be fetched, check the network, the proxy and npm's registry, then start again.",
    });
    writeStamp(stamp, inputs);
  }
  const node = findNode();
  if (node) return node;
  throw new StepError(
    `Node ${NODE_MAJOR} is needed; this is ${process.version}, and npm has none to install for ${process.platform} ${process.arch}.`,
    {
      hint: `install Node ${NODE_MAJOR} or newer (https://nodejs.org), then start again.`,
    },
  );
}

async function prepareJavaScript(node, build, web) {
  await step('JavaScript packages', () => installPackages(node));
  if (build) await step('Build', () => buildAll(node, web));
}

async function installPackages(node) {
  const stamp = join(root, 'node_modules', '.touchstone-stamp');
  const inputs = [join(root, 'pnpm-lock.yaml'), join(root, 'pnpm-workspace.yaml'), ...manifests()];
  if (isCurrent(stamp, inputs)) return;
  const pnpm = join(tools, 'pnpm', 'bin', 'pnpm.cjs');
  // CI=1: pnpm asks no questions, for example before it replaces node_modules.
  await runLogged('packages', node, [pnpm, 'install', '--frozen-lockfile', '--prod=false'], {
    logs,
    cwd: root,
    env: { ...cleanEnv(node), CI: '1' },
    hint: "read the log; if packages could not be fetched, check the network, the proxy and npm's registry, then start again.",
  });
  writeStamp(stamp, inputs);
}

function manifests() {
  const folders = ['apps', 'packages', 'clients'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(root, group, name)),
  );
  return [root, join(root, 'e2e'), join(root, 'faults'), ...folders]
    .map((folder) => join(folder, 'package.json'))
    .filter((file) => existsSync(file));
}

/** turbo decides what is built already. Loose: its tasks get the whole environment (proxies, telemetry switches). */
async function buildAll(node, web) {
  const turbo = join(root, 'node_modules', 'turbo', 'bin', 'turbo');
  const tasks = ['run', 'generate', 'build', ...(web ? [] : ['--filter=!@touchstone/web'])];
  const flags = ['--env-mode=loose', '--ui=stream', '--output-logs=new-only'];
  await runLogged('build', node, [turbo, ...tasks, ...flags], { logs, cwd: root, env: cleanEnv(node) });
}
