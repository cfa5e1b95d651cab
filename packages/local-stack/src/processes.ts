/** Processes: starting one with its output in a file, knowing one again after a crash, and ending it for certain. */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessRef {
  pid: number;
  /** When it was started: boot and clock ticks on Linux, a date elsewhere. */
  started: string;
}

export interface Child extends ProcessRef {
  /** Settles with words like "exit code 1" or "SIGKILL" when the process is over. */
  exited: Promise<string>;
  hasExited: () => boolean;
  /** Asks it to stop, waits, then kills it with everything it started. */
  stop: () => Promise<void>;
}

export interface ChildOptions {
  command: string;
  args: string[];
  cwd?: string;
  env: NodeJS.ProcessEnv;
  /** Appended to; a file, not a pipe, so that the child outlives a killed launcher without a broken pipe. */
  log: string;
  uid?: number;
  gid?: number;
  stopSignal?: NodeJS.Signals;
  /** Milliseconds between the polite signal and SIGKILL. */
  stopWithin?: number;
  /** Everything that carries these variables belongs to the child, also when it is not its descendant any more. */
  marker?: Record<string, string>;
}

/** Starts a process in a group of its own (a Ctrl-C in the terminal does not reach it). */
export function spawnChild(options: ChildOptions): Child {
  const out = openSync(options.log, 'a');
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: { ...options.env, ...options.marker },
    stdio: ['ignore', out, out],
    detached: true,
    uid: options.uid,
    gid: options.gid,
  });
  closeSync(out);
  let over = false;
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  }).then((reason) => {
    over = true;
    return reason;
  });
  const pid = child.pid ?? 0;
  const self = { pid, started: pid > 0 ? (startOf(pid) ?? '') : '' };
  return {
    ...self,
    exited,
    hasExited: () => over,
    stop: async () => {
      const before = pid > 0 ? familyOf([self], options.marker) : [];
      if (!over) child.kill(options.stopSignal ?? 'SIGTERM');
      await Promise.race([exited, sleep(options.stopWithin ?? 10_000)]);
      if (!over) child.kill('SIGKILL');
      await endProcesses([...before, ...(pid > 0 ? familyOf([self], options.marker) : [])], 0);
      if (pid > 0) await exited;
    },
  };
}

/** Whether this very process still runs. */
export function isAlive(process: ProcessRef): boolean {
  return process.started !== '' && startOf(process.pid) === process.started;
}

/** The process itself, as others will know it. */
export function thisProcess(): ProcessRef {
  return { pid: process.pid, started: startOf(process.pid) ?? '' };
}

/** Signals processes politely, waits up to `within` milliseconds, kills what is left, and waits until it is gone. */
export async function endProcesses(
  processes: ProcessRef[],
  within: number,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<void> {
  let left = processes.filter(isAlive);
  if (within > 0) {
    for (const one of left) sendSignal(one.pid, signal);
    left = await waitForEnd(left, within);
  }
  for (const one of left) sendSignal(one.pid, 'SIGKILL');
  await waitForEnd(left, 5_000);
}

async function waitForEnd(processes: ProcessRef[], within: number): Promise<ProcessRef[]> {
  const until = Date.now() + within;
  let left = processes.filter(isAlive);
  while (left.length > 0 && Date.now() < until) {
    await sleep(50);
    left = left.filter(isAlive);
  }
  return left;
}

/** Every process whose environment holds these variables. Linux only: elsewhere the list is empty. */
export function processesWith(variables: Record<string, string>): ProcessRef[] {
  if (process.platform !== 'linux') return [];
  const wanted = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return listProcesses().filter(({ pid }) => {
    if (pid === process.pid) return false;
    const environment = readText(`/proc/${pid}/environ`)?.split('\0');
    return environment !== undefined && wanted.every((entry) => environment.includes(entry));
  });
}

/** What a process was started with, or null when there is none. */
export function commandLineOf(pid: number): string | null {
  if (process.platform === 'linux') return readText(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ') ?? null;
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

/**
 * What belongs to processes of ours, whether or not they still run: those that carry the marker, everything in their
 * sessions (Ray's daemons overwrite their environment), and all descendants.
 */
export function familyOf(roots: ProcessRef[], marker?: Record<string, string>): ProcessRef[] {
  const all = listProcesses();
  const own = all.find(({ pid }) => pid === process.pid)?.session;
  const found = new Map<number, Listed>();
  const add = (one: Listed) => {
    if (one.pid === process.pid || found.has(one.pid)) return;
    found.set(one.pid, one);
    for (const child of all) if (child.parent === one.pid) add(child);
  };
  const marked = new Set(marker ? processesWith(marker).map(({ pid }) => pid) : []);
  const members = all.filter((one) => marked.has(one.pid) || roots.some((root) => isSame(root, one)));
  // A pid is not given away again while it names a session; where another process has the root's pid, it ended long ago.
  const leaders = roots.filter((root) => !all.some(({ pid, started }) => pid === root.pid && started !== root.started));
  const sessions = new Set([...leaders.map(({ pid }) => pid), ...members.map(({ session }) => session)]);
  sessions.delete(own ?? 0);
  sessions.delete(0);
  for (const one of all) if (members.includes(one) || sessions.has(one.session)) add(one);
  return [...found.values()].map(({ pid, started }) => ({ pid, started }));
}

function isSame(one: ProcessRef, other: ProcessRef): boolean {
  return one.pid === other.pid && one.started === other.started;
}

function startOf(pid: number): string | null {
  if (process.platform === 'linux') return readLinux(pid)?.started ?? null;
  return listProcesses().find((one) => one.pid === pid)?.started ?? null;
}

interface Listed extends ProcessRef {
  parent: number;
  session: number;
}

function listProcesses(): Listed[] {
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => readLinux(Number(name)))
      .filter((one) => one !== null);
  }
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,pgid=,stat=,lstart='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, session, state, started] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid && state && !state.startsWith('Z')
      ? [{ pid: Number(pid), parent: Number(parent), session: Number(session), started: started ?? '' }]
      : [];
  });
}

const boot = process.platform === 'linux' ? (readText('/proc/sys/kernel/random/boot_id')?.trim() ?? '') : '';

/** One line of /proc: fields after the command's name in parentheses are state, parent, group, session, …, start time (22nd). */
function readLinux(pid: number): Listed | null {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  return { pid, parent: Number(fields[1]), session: Number(fields[3]), started: `${boot}:${fields[19]}` };
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in the meantime, or is another user's.
  }
}
