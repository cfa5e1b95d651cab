/** Packages as other apps install them: packed, in a folder outside the repository, run by the oldest Node that is here. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './toolchain.ts';

/** The oldest that the packages promise to run on. */
const OLDEST_MAJOR = 20;

/** Builds a package of the workspace and writes its tarball into `folder`; returns the tarball's path. */
export async function packPackage(name: string, folder: string): Promise<string> {
  const pnpm = join(ROOT, 'tools/node_modules/pnpm/bin/pnpm.cjs');
  const cwd = join(ROOT, 'packages', name);
  await promisify(execFile)(process.execPath, [pnpm, 'run', 'build'], { cwd });
  const packed = await promisify(execFile)(process.execPath, [pnpm, 'pack', '--json', '--pack-destination', folder], {
    cwd,
  });
  return (JSON.parse(packed.stdout) as { filename: string }).filename;
}

/** The environment of somebody else's folder: the oldest Node of the PATH that is new enough, and nothing of this repository. */
export async function outsideEnv(): Promise<{ env: NodeJS.ProcessEnv; version: string }> {
  const folders = [...new Set([...(process.env.PATH ?? '').split(delimiter), dirname(process.execPath)])];
  const nodes = await Promise.all(
    folders
      .filter((folder) => existsSync(join(folder, 'node')))
      .map(async (folder) => {
        const { stdout } = await promisify(execFile)(join(folder, 'node'), ['-p', 'process.versions.node']);
        return { folder, version: stdout.trim(), major: Number.parseInt(stdout, 10) };
      }),
  );
  const oldest = nodes.filter(({ major }) => major >= OLDEST_MAJOR).sort((a, b) => a.major - b.major)[0]!;
  const elsewhere = folders.filter((folder) => !folder.startsWith(ROOT));
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|node_|touchstone_|vitest)/i.test(name)),
  );
  env.PATH = [oldest.folder, ...elsewhere].join(delimiter);
  return { env, version: oldest.version };
}
