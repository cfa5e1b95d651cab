/** One stack per folder: run/stack.json says which processes hold it. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Home, readJson, writeJson } from './home.ts';
import { endProcesses, familyOf, isAlive, type ProcessRef, thisProcess } from './processes.ts';
import { markerOf, type ServiceName } from './service.ts';

/** What run/stack.json holds. */
export interface StackFile {
  launcher: ProcessRef;
  url: string | null;
  processes: Partial<Record<ServiceName, ProcessRef>>;
}

/** Another stack runs on the folder. */
export class AlreadyRunning extends Error {
  readonly running: StackFile;
  constructor(home: string, running: StackFile) {
    super(
      `Touchstone already runs on ${home}${running.url ? `: ${running.url}` : ''} (process ${running.launcher.pid}).\n` +
        'Stop it with Ctrl-C where it was started, or start another one with its own folder: npm start -- --home <dir>',
    );
    this.running = running;
  }
}

/** Throws AlreadyRunning when a launcher that is alive holds the folder. Changes nothing. */
export function refuseIfRunning(home: string): void {
  const found = readJson(stackFile(home)) as StackFile | null;
  if (found && isAlive(found.launcher)) throw new AlreadyRunning(home, found);
}

export interface Claim {
  /** Records an address or a process. */
  update: (change: { url?: string; processes?: StackFile['processes'] }) => void;
  release: () => void;
}

/** Takes the folder, after ending what a killed launcher left; throws AlreadyRunning when one is alive. */
export async function claimHome(home: Home, say: (line: string) => void): Promise<Claim> {
  const file = stackFile(home.dir);
  refuseIfRunning(home.dir);
  const left = readJson(file) as StackFile | null;
  const content: StackFile = { launcher: thisProcess(), url: null, processes: {} };
  rmSync(file, { force: true });
  try {
    writeFileSync(file, JSON.stringify(content), { flag: 'wx', mode: 0o600 });
  } catch {
    refuseIfRunning(home.dir);
    throw new Error(`${file} could not be written: another start of the same folder is under way.`);
  }
  const orphans = await endOrphans(home.dir, left);
  if (orphans > 0) say(`! The last start was killed: ended ${orphans} processes that it left.`);
  return {
    update: ({ url, processes }) => {
      content.url = url ?? content.url;
      Object.assign(content.processes, processes);
      writeJson(file, content);
    },
    release: () => rmSync(file, { force: true }),
  };
}

/** Ends what is left of a stack: Postgres by its fast shutdown, the rest by SIGTERM, and what resists by SIGKILL. */
async function endOrphans(stack: string, left: StackFile | null): Promise<number> {
  const orphans = familyOf(Object.values(left?.processes ?? {}), markerOf(stack));
  const database = [left?.processes.postgres].filter((one) => one !== undefined);
  const databaseFamily = new Set(familyOf(database, markerOf(stack, 'postgres')).map(({ pid }) => pid));
  await Promise.all([
    endProcesses(database, 5_000, 'SIGINT'),
    endProcesses(
      orphans.filter(({ pid }) => !databaseFamily.has(pid)),
      5_000,
    ),
  ]);
  await endProcesses(orphans, 0);
  return orphans.length;
}

function stackFile(home: string): string {
  return join(home, 'run', 'stack.json');
}
