/** The machine and the folder: looked at whether or not anything runs. */
import { execFile } from 'node:child_process';
import { readdir, readFile, stat, statfs } from 'node:fs/promises';
import { freemem, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findRunning, isFree, portsOf, programOf, readConfig } from '@touchstone/local-stack';
import { type Check, fail, ok, skipped, warn } from './check.ts';

const run = promisify(execFile);
const GB = 1e9;
const gb = (bytes: number) => `${(bytes / GB).toFixed(1)} GB`;

export async function checkMachine(home: string): Promise<Check[]> {
  return Promise.all([
    checkKeys(home),
    checkPorts(home),
    checkPython('jobs', 'ray'),
    checkPython('mlflow', 'mlflow'),
    checkDisk('disk', home, { least: 1, comfortable: 5 }),
    checkDisk('temporary folder', tmpdir(), { least: 0.2, comfortable: 1 }),
    checkMemory(),
    checkSharedMemory(),
    checkProxy(),
  ]);
}

async function checkKeys(home: string): Promise<Check> {
  const folder = join(home, 'keys');
  const names = await readdir(folder).catch(() => []);
  if (names.length === 0) return skipped('key files', `${folder} is empty: Touchstone has never been started here.`);
  const open: string[] = [];
  for (const name of names) if (((await stat(join(folder, name))).mode & 0o077) !== 0) open.push(name);
  if (open.length > 0) {
    return fail('key files', `Others on this machine may read ${open.join(', ')}.`, `chmod 600 ${folder}/*`);
  }
  const key = await readFile(join(folder, 'server.key'), 'utf8').catch(() => '');
  if (Buffer.from(key, 'base64').length !== 32) {
    return fail('key files', 'server.key is missing or damaged: secrets cannot be read.', 'Restore it from a backup.');
  }
  return ok('key files', 'All are there, for their owner alone.');
}

async function checkPorts(home: string): Promise<Check> {
  const { base_port, web_port } = readConfig(home);
  if (base_port === undefined || web_port === undefined) return skipped('ports', 'None are chosen yet.');
  if (findRunning(home)) return ok('ports', `Touchstone holds its own (${web_port}, ${base_port} and following).`);
  const { postgres, mlflow, ray } = portsOf(base_port);
  const taken: number[] = [];
  for (const port of [web_port, postgres, mlflow, ray, ray + 1]) if (!(await isFree(port))) taken.push(port);
  if (taken.length === 0) return ok('ports', 'Those of the last start are free.');
  return warn(
    'ports',
    `Another program has ${taken.join(', ')}.`,
    'Nothing needs to be done: the next start takes others.',
  );
}

async function checkPython(environment: 'jobs' | 'mlflow', library: string): Promise<Check> {
  const name = `Python (${environment})`;
  const script = `import sys, importlib.metadata as m; print(sys.version.split()[0], m.version(${JSON.stringify(library)}))`;
  try {
    const { stdout } = await run(programOf(environment, 'python'), ['-c', script], { timeout: 30_000 });
    const [python, version] = stdout.trim().split(' ');
    return ok(name, `Python ${python} with ${library} ${version}`);
  } catch (error) {
    return fail(name, (error as Error).message.split('\n')[0]!, 'Run `npm start`: it installs what is missing.');
  }
}

async function checkDisk(name: string, folder: string, limits: { least: number; comfortable: number }): Promise<Check> {
  const found = await statfs(folder).catch(() => null);
  if (!found) return skipped(name, `There is no ${folder}.`);
  const free = found.bavail * found.bsize;
  const detail = `${gb(free)} free in ${folder}`;
  if (free < limits.least * GB)
    return fail(name, `${detail}; with less than ${limits.least} GB no job starts.`, 'Free some space.');
  if (free < limits.comfortable * GB) return warn(name, `${detail}.`, 'Free some space before it runs out.');
  return ok(name, `${detail}.`);
}

async function checkMemory(): Promise<Check> {
  const detail = `${gb(freemem())} of ${gb(totalmem())} free`;
  if (totalmem() < 3.5 * GB)
    return warn('memory', `${detail}.`, 'Ray, MLflow and the server need about 2 GB; 4 GB are comfortable.');
  if (freemem() < GB) return warn('memory', `${detail}.`, 'End other programs, or jobs may be killed.');
  return ok('memory', `${detail}.`);
}

/** Ray keeps its objects there. */
async function checkSharedMemory(): Promise<Check> {
  const found = await statfs('/dev/shm').catch(() => null);
  if (!found) return skipped('shared memory', 'This system has no /dev/shm.');
  const free = found.bavail * found.bsize;
  if (free < 0.15 * GB) {
    return warn(
      'shared memory',
      `${gb(free)} free in /dev/shm.`,
      'Ray uses the disk instead and is slow: in Docker, start with --shm-size=1g.',
    );
  }
  return ok('shared memory', `${gb(free)} free in /dev/shm.`);
}

async function checkProxy(): Promise<Check> {
  const { env } = process;
  const find = (name: string) => env[name] || env[name.toLowerCase()];
  const proxy = find('HTTPS_PROXY') ?? find('HTTP_PROXY') ?? find('ALL_PROXY');
  if (!proxy) return ok('proxy', 'None is set.');
  const around = (find('NO_PROXY') ?? '').split(',').map((name) => name.trim());
  const detail = 'A proxy is set for this terminal';
  if (around.includes('*') || around.includes('127.0.0.1'))
    return ok('proxy', `${detail}, and goes around this machine.`);
  return warn(
    'proxy',
    `${detail}, also for 127.0.0.1.`,
    'Set NO_PROXY=127.0.0.1,localhost and what else is local, such as your own endpoints.',
  );
}
