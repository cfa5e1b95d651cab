/** The process behind `npm start`: runs the stack until it is told to stop, or the process that started it is gone. */
import { runDemo } from './demo.ts';
import { createSignInLink } from './sign-in.ts';
import { type Stack, startStack } from './stack.ts';
import { openTerminal } from './terminal.ts';

const { env } = process;
const dev = env.TOUCHSTONE_DEV === '1';
const stopping = new AbortController();
const terminal = openTerminal();
const { say } = terminal;

function askToStop(): void {
  if (!stopping.signal.aborted) say('\nStopping …');
  stopping.abort();
}
process.on('SIGINT', askToStop);
process.on('SIGTERM', askToStop);
process.on('disconnect', askToStop); // scripts/start.mjs is gone
// A closed terminal must not keep us from stopping the services.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

process.exit(await run());

async function run(): Promise<number> {
  if (!env.TOUCHSTONE_HOME) {
    console.error('TOUCHSTONE_HOME is not set. Start with "npm start".');
    return 2;
  }
  const port = env.TOUCHSTONE_PORT ? Number(env.TOUCHSTONE_PORT) : undefined;
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
    console.error(`"${env.TOUCHSTONE_PORT}" is not a port.`);
    return 2;
  }
  const started = startStack({
    home: env.TOUCHSTONE_HOME,
    host: env.TOUCHSTONE_HOST || undefined,
    port,
    storageUrl: env.TOUCHSTONE_STORAGE_URL || undefined,
    web: dev ? 'dev' : 'built',
    watch: dev,
    withLocalModels: env.TOUCHSTONE_EXTRAS?.split(',').includes('hf'),
    say,
    signal: stopping.signal,
  });
  let stack: Stack;
  try {
    stack = await started;
  } catch (error) {
    if (stopping.signal.aborted) return 0;
    console.error(`\n✗ ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
  await serve(stack);
  await stack.stop();
  say('Stopped.');
  return 0;
}

async function serve(stack: Stack): Promise<void> {
  const link = await createSignInLink(stack.url, stack.keys.apiKey).catch((error: Error) => {
    console.error(`! ${error.message} Log: ${stack.home.log('server')}`);
    return stack.url;
  });
  say(`\n  Touchstone is ready: ${link}`);
  say('  The link signs one browser in; "npx touchstone login" prints another one.');
  const files = env.TOUCHSTONE_STORAGE_URL ? `   Files: ${env.TOUCHSTONE_STORAGE_URL.split('?')[0]}` : '';
  say(`  Data: ${stack.home.dir}${files}   Stop: Ctrl-C\n`);
  if (env.TOUCHSTONE_NO_DEMO !== '1') {
    runDemo(stack, terminal, stopping.signal).catch((error: Error) => {
      say(`! The sample experiment did not run: ${error.message}`);
    });
  }
  if (!stopping.signal.aborted)
    await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }));
}
