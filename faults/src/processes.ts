/** The processes of a stack, found by what they carry in their environment: Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

export type Victim = 'driver' | 'server' | 'ray' | 'gcs';

/** Those of the stack in `home` that play this part: `ray` is all of the head but the drivers, `gcs` its memory alone. */
export function findProcesses(home: string, victim: Victim): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const environment = read(pid, 'environ').split('\0');
      if (!environment.includes(`TOUCHSTONE_STACK=${home}`)) return false;
      const words = read(pid, 'cmdline').split('\0');
      const isDriver = words.includes('touchstone_jobs') && !words.includes('-c');
      if (victim === 'driver') return isDriver;
      if (victim === 'gcs') return words[0]!.endsWith('gcs_server');
      return environment.includes(`TOUCHSTONE_SERVICE=${victim}`) && !isDriver;
    });
}

/** To each of them that still is. */
export function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
