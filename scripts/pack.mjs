/** `npm run pack`: the client and the command line as tarballs that other apps install, in dist/. */
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { cleanEnv, logs, root } from './paths.mjs';
import { runLogged, step, stopSetUp } from './steps.mjs';

try {
  const node = await bootstrap({ python: [], web: false });
  const pnpm = join(root, 'tools', 'node_modules', 'pnpm', 'bin', 'pnpm.cjs');
  for (const name of ['client', 'cli']) {
    const pack = [pnpm, 'pack', '--pack-destination', join(root, 'dist')];
    const options = { logs, cwd: join(root, 'packages', name), env: cleanEnv(node) };
    await step(`Pack ${name} into dist/`, () => runLogged(`pack-${name}`, node, pack, options));
  }
} catch (error) {
  stopSetUp(error);
  process.exit(1);
}
