import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { CLONE, findCredential, findHome } from '../connection.ts';
import type { Context, GlobalOptions } from '../context.ts';
import { Failure } from '../failure.ts';
import { writeLine } from '../terminal.ts';

type HomeOption = { home?: string };

/** What looks after the installation on this machine. The work is done in packages/operations, by the clone's own Node. */
export function addOperationsCommands(program: Command, context: Context): void {
  const { cwd } = context.terminal;
  const homeOf = ({ home }: HomeOption) => (home === undefined ? findHome(context.terminal) : resolve(cwd, home));
  const home = ['--home <dir>', 'folder of the installation (default: the one that other commands use)'] as const;

  program
    .command('doctor')
    .description('look at every part of the installation and say what to do; exit status 1 where something is wrong')
    .option(...home)
    .option('--deep', 'also run a job that does nothing')
    .option('--json', 'as JSON')
    .action((options: HomeOption & { deep?: true; json?: true }) => {
      const flags = [...(options.deep ? ['--deep'] : []), ...(options.json ? ['--json'] : [])];
      const { args, api_key } = placesOf(program, context, homeOf(options));
      return operate(context, ['doctor', ...flags, ...args], api_key);
    });

  program
    .command('backup')
    .description('copy everything of the installation, also while it runs: database, files, record, key')
    .argument('<path>', 'a file whose name ends with .tar, or a folder')
    .option(...home)
    .option('--without-keys', 'leave out the key that encrypts secrets')
    .action((path: string, options: HomeOption & { withoutKeys?: true }) =>
      operate(context, [
        ...['backup', resolve(cwd, path), '--home', homeOf(options)],
        ...(options.withoutKeys ? ['--without-keys'] : []),
      ]),
    );

  program
    .command('restore')
    .description('make an installation from a backup, in a folder that is not there yet')
    .argument('<path>', 'what `touchstone backup` made')
    .requiredOption('--home <dir>', 'the new folder')
    .action((path: string, options: Required<HomeOption>) =>
      operate(context, ['restore', resolve(cwd, path), '--home', homeOf(options)]),
    );

  program
    .command('migrate-postgres')
    .description('bring the data of an older major version of Postgres to this one; the old data is kept')
    .option(...home)
    .action((options: HomeOption) => operate(context, ['migrate-postgres', '--home', homeOf(options)]));
}

/** The folder, where the instance is on this machine, and its address and key, where they are known. */
function placesOf(program: Command, { terminal }: Context, home: string): { args: string[]; api_key?: string } {
  const given = program.opts<GlobalOptions>();
  const isElsewhere = Boolean(given.url ?? terminal.env.TOUCHSTONE_URL);
  const local = isElsewhere ? [] : ['--home', home];
  try {
    const places = { ...terminal, env: { ...terminal.env, TOUCHSTONE_HOME: home } };
    const { url, api_key } = findCredential(given, places);
    return { args: [...local, '--url', url.replace(/\/+$/, '')], api_key };
  } catch (error) {
    if (isElsewhere || !(error instanceof Failure)) throw error;
    return { args: local };
  }
}

async function operate({ terminal, exitWith }: Context, args: string[], api_key?: string): Promise<void> {
  const program = join(CLONE, 'packages', 'operations', 'src', 'main.ts');
  if (!existsSync(program)) {
    throw new Failure('This command works in the clone that Touchstone was started from, on its machine.');
  }
  const bootstrap = pathToFileURL(join(CLONE, 'scripts', 'bootstrap.mjs')).href;
  const { findNode } = (await import(bootstrap)) as { findNode: () => string | null };
  const node = findNode();
  if (node === null) throw new Failure('Node 24 is not installed yet: run `npm start` once, it installs it.');
  // The key is not for the list of processes.
  const env = { ...terminal.env, ...(api_key !== undefined && { TOUCHSTONE_API_KEY: api_key }) };
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', program, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const [from, to] of [
    [child.stdout, terminal.stdout],
    [child.stderr, terminal.stderr],
  ] as const) {
    from.on('data', (chunk: Buffer) => to.write(chunk));
  }
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.once('SIGINT', pass).once('SIGTERM', pass);
  const [code] = (await once(child, 'close')) as [number | null];
  process.off('SIGINT', pass).off('SIGTERM', pass);
  if (code === null) writeLine(terminal.stderr, 'It was ended before it was done.');
  exitWith(code ?? 1);
}
