/** Where things lie, and the environment that every command of the set-up gets. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** uv, the Python environments and the logs of the set-up: shared by every TOUCHSTONE_HOME of this clone. */
export const toolchain = resolve(process.env.TOUCHSTONE_TOOLCHAIN || join(root, '.toolchain'));
export const logs = join(toolchain, 'logs');

/** Usage statistics of everything we start are off. */
export const telemetryOff = {
  CHECKPOINT_DISABLE: '1',
  DO_NOT_TRACK: '1',
  HF_HUB_DISABLE_TELEMETRY: '1',
  MLFLOW_DISABLE_TELEMETRY: 'true',
  NEXT_TELEMETRY_DISABLED: '1',
  RAY_USAGE_STATS_ENABLED: '0',
  TURBO_TELEMETRY_DISABLED: '1',
};

/** The caller's environment without what npm adds to it (pnpm would read it as its own settings), `node` first on PATH. */
export function cleanEnv(node) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const path = [join(root, 'tools', 'node_modules', '.bin'), env.PATH ?? '']; // turbo looks for pnpm
  if (node) path.unshift(dirname(node));
  return { ...env, ...telemetryOff, PATH: path.join(delimiter) };
}

/** Whether `stamp` says that these inputs (files, or plain text) were already installed. */
export function isCurrent(stamp, inputs) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hashOf(inputs);
}

export function writeStamp(stamp, inputs) {
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hashOf(inputs));
}

function hashOf(inputs) {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(existsSync(input) ? readFileSync(input) : input).update('\0');
  return hash.digest('hex');
}
