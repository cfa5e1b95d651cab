/** What the set-up installed (scripts/): the Python environments, and the clone itself. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The clone. */
export const ROOT = resolve(import.meta.dirname, '..', '..', '..');

/** A program of a Python environment, for example `python` or `ray`. Throws when it is not installed. */
export function programOf(
  environment: 'jobs' | 'jobs-hf' | 'jobs-hf-test' | 'mlflow' | 'python-client' | 'uv',
  program: string,
): string {
  const toolchain = resolve(process.env.TOUCHSTONE_TOOLCHAIN || join(ROOT, '.toolchain'));
  const path = join(toolchain, environment, 'bin', program);
  if (!existsSync(path))
    throw new Error(`${path} is missing. Run "npm start" once: it installs the Python environments.`);
  return path;
}
