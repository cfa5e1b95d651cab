/** `npm start`: sets the clone up, then runs the local stack (packages/local-stack) with Node 24. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap, findNode } from './bootstrap.mjs';
import { cleanEnv, root } from './paths.mjs';
import { hasPython, rayPython } from './python.mjs';
import { stopSetUp } from './steps.mjs';

const HELP = `Usage: npm start -- [options]        (npm run dev: the same with reloading)

  --port <n>      port of the page (TOUCHSTONE_PORT; default 4300 or the next free one)
  --host <name>   address to listen on (TOUCHSTONE_HOST; default 127.0.0.1, this machine only)
  --home <dir>    folder that keeps everything (TOUCHSTONE_HOME; default .touchstone in the clone)
  --with hf       local models: adds PyTorch and transformers (6 GB), and keeps them from then on
  --no-demo       do not load the sample dataset and run the sample experiment (TOUCHSTONE_NO_DEMO=1)
  --dev           reload the server and the page when their sources change
  --help          this text`;

const stack = join(root, 'packages', 'local-stack', 'src');

try {
  process.exitCode = await start(readFlags());
} catch (error) {
  stopSetUp(error);
  process.exit(1);
}

function readFlags() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        home: { type: 'string' },
        with: { type: 'string' },
        'no-demo': { type: 'boolean' },
        dev: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`);
    process.exit(2);
  }
}

async function start(flags) {
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  const env = cleanEnv();
  env.TOUCHSTONE_HOME = resolve(flags.home ?? (env.TOUCHSTONE_HOME || join(root, '.touchstone')));
  if (flags.port !== undefined) env.TOUCHSTONE_PORT = flags.port;
  if (flags.host !== undefined) env.TOUCHSTONE_HOST = flags.host;
  const extras = chooseExtras(flags.with);
  env.TOUCHSTONE_EXTRAS = extras.join(',');
  if (flags['no-demo']) env.TOUCHSTONE_NO_DEMO = '1';
  if (flags.dev) env.TOUCHSTONE_DEV = '1';

  // Before anything is rebuilt under a stack that runs.
  if (existsSync(join(env.TOUCHSTONE_HOME, 'run', 'stack.json')) && findNode()) {
    const code = await runNode(findNode(), join(stack, 'check.ts'), env);
    if (code !== 0) return code;
  }
  console.log('Touchstone. Usage statistics of everything it starts are switched off.\n');
  const node = await bootstrap({ python: [rayPython(extras), 'mlflow'], web: env.TOUCHSTONE_DEV !== '1' });
  return runNode(node, join(stack, 'main.ts'), { ...cleanEnv(node), ...env, PATH: cleanEnv(node).PATH });
}

/** What was asked for, or is there from another time. */
function chooseExtras(asked) {
  if (asked === undefined) return hasPython('jobs-hf') ? ['hf'] : [];
  if (asked === 'hf') return ['hf'];
  console.error(`There is no extra "${asked}". Known: hf, local models.`);
  process.exit(2);
}

/**
 * Runs a file with the real Node binary until it ends, and passes signals on. It has a process group of its own, so
 * that a Ctrl-C reaches it once, through here; when this process dies, the closed IPC channel tells it.
 */
function runNode(node, file, env) {
  return new Promise((done, fail) => {
    const child = spawn(node, [file], {
      cwd: root,
      env,
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      detached: true,
    });
    const pass = { SIGINT: 'SIGINT', SIGTERM: 'SIGTERM', SIGHUP: 'SIGTERM' };
    const handlers = Object.entries(pass).map(([signal, as]) => [signal, () => child.kill(as)]);
    for (const [signal, handler] of handlers) process.on(signal, handler);
    child.on('error', fail);
    child.on('exit', (code, signal) => {
      for (const [name, handler] of handlers) process.off(name, handler);
      if (signal) console.error(`Touchstone was ended by ${signal}. The next start ends what it left running.`);
      done(code ?? 1);
    });
  });
}
