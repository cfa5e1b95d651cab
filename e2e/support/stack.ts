/** A whole stack in a folder of its own: the process that `npm start` runs, started as a person's shell would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTouchstoneClient, type TouchstoneClient } from '@touchstone/client';

export const ROOT = resolve(import.meta.dirname, '..', '..');

const LAUNCHER = join(ROOT, 'packages', 'local-stack', 'src', 'main.ts');
const START_MS = 180_000;
const STOP_MS = 60_000;
const LINES_KEPT = 40;

export type Stack = {
  home: string;
  url: string;
  /** The one-time link that the start printed. */
  signInLink: string;
  /** Of the launcher. */
  pid: number;
  client: TouchstoneClient;
  /** Stops it as Ctrl-C would; throws where it leaves processes. */
  stop: () => Promise<void>;
};

/** A new folder for a stack. It can be entered by others, since Postgres has an account of its own. */
export function makeHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'touchstone-e2e-'));
  chmodSync(home, 0o755);
  return home;
}

/** Removes the folder; its logs are kept in `logs`, where that is given. */
export function removeHome(home: string, logs?: string): void {
  if (logs && existsSync(join(home, 'logs'))) cpSync(join(home, 'logs'), logs, { recursive: true });
  rmSync(home, { recursive: true, force: true });
}

export const NPM_START = ['npm', 'start'] as const;

/** Starts the stack of a folder and waits until its page can be used; Ray and MLflow may come later. */
export async function startStack(
  home: string,
  [command, ...args]: readonly [string, ...string[]] = [process.execPath, LAUNCHER],
): Promise<Stack> {
  const port = readCredential(home)?.url ? {} : { TOUCHSTONE_PORT: String(await freePort()) };
  const launcher = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...port, TOUCHSTONE_HOME: home, TOUCHSTONE_NO_DEMO: '1' },
    // The channel tells it when the process of the tests is gone, however that ended.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  const signInLink = await readLink(launcher).catch(async (error: unknown) => {
    await stopLauncher(launcher, home);
    throw error;
  });
  const { url, api_key } = readCredential(home)!;
  return {
    home,
    url,
    signInLink,
    pid: launcher.pid!,
    client: createTouchstoneClient({ url, apiKey: api_key }),
    stop: () => stopLauncher(launcher, home),
  };
}

/** A client of the stack that runs on this folder. */
export function clientOf(home: string): TouchstoneClient {
  const { url, api_key } = readCredential(home)!;
  return createTouchstoneClient({ url, apiKey: api_key });
}

/** The processes that carry the stack's folder in their environment, but for its launcher. Linux only: empty elsewhere. */
export function processesOf(home: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && readProc(name, 'environ').split('\0').includes(`TOUCHSTONE_STACK=${home}`))
    .filter((name) => !/\) [ZX] /.test(readProc(name, 'stat')))
    .map(Number);
}

/** What run/stack.json says: the launcher, and the process of each service. */
export function recordedProcesses(home: string): Record<string, number> {
  const { launcher, processes } = JSON.parse(readFileSync(join(home, 'run', 'stack.json'), 'utf8')) as {
    launcher: { pid: number };
    processes: Record<string, { pid: number }>;
  };
  return Object.fromEntries(Object.entries({ launcher, ...processes }).map(([name, { pid }]) => [name, pid]));
}

/** The link in `Touchstone is ready: <link>`. */
function readLink(launcher: ChildProcess): Promise<string> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`The stack ${why}:\n${said.join('\n')}`));
    const timer = setTimeout(() => fail(`was not ready within ${START_MS / 1000} s`), START_MS);
    launcher.once('exit', (code, signal) => {
      clearTimeout(timer);
      fail(`ended with ${signal ?? `exit code ${code}`}`);
    });
    launcher.once('error', reject);
    for (const stream of [launcher.stdout!, launcher.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line);
        if (said.length > LINES_KEPT) said.shift();
        const link = /Touchstone is ready: (\S+)/.exec(line)?.[1];
        if (!link) return;
        clearTimeout(timer);
        resolve(link);
      });
    }
  });
}

async function stopLauncher(launcher: ChildProcess, home: string): Promise<void> {
  const isOver = () => launcher.exitCode !== null || launcher.signalCode !== null;
  if (!isOver()) process.kill(-launcher.pid!, 'SIGTERM'); // the group: npm does not pass it on
  const until = Date.now() + STOP_MS;
  while (!isOver() && Date.now() < until) await sleep(50);
  const left = processesOf(home);
  if (isOver() && left.length === 0) return;
  if (!isOver()) process.kill(-launcher.pid!, 'SIGKILL');
  for (const pid of left) kill(pid);
  throw new Error(`The stack did not stop cleanly: ${left.length} processes were left.`);
}

/** SIGKILL; a process that is gone already is none to end. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readCredential(home: string): { url: string; api_key: string } | null {
  const file = join(home, 'keys', 'credential.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { url: string; api_key: string }) : null;
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** Below the ports that systems hand out to outgoing connections, and away from the ones the stack chooses for its services. */
async function freePort(): Promise<number> {
  while (true) {
    const port = 12_000 + Math.floor(Math.random() * 7_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
