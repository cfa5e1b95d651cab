/** `npm run bench`: sets the clone up like `npm start`, then measures a fresh stack (bench/main.ts); `-- --full` with datasets of full size. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { cleanEnv, root } from './paths.mjs';
import { stopSetUp } from './steps.mjs';

let node;
try {
  node = await bootstrap();
} catch (error) {
  stopSetUp(error);
  process.exit(1);
}
const child = spawn(node, [join(root, 'bench', 'main.ts'), ...process.argv.slice(2)], {
  cwd: root,
  env: cleanEnv(node),
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));
