/** What the idle stack holds in memory, by process. Linux counts shared pages once (PSS); elsewhere it is not measured. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf, recordedProcesses, type Stack } from '../e2e/support/stack.ts';
import { printColumns } from './report.ts';

/** The processes that run our own code all the time. */
const OURS = ['launcher', 'server'];

export type Memory = { service: string; process: string; mib: number; count: number };

export async function measureMemory({ home }: Stack, idle_s: number, signal: AbortSignal): Promise<Memory[]> {
  if (process.platform !== 'linux') return [];
  await sleep(idle_s * 1000, undefined, { signal });
  const found = new Map<string, Memory>();
  for (const [pid, service] of servicesByPid(home)) {
    const mib = pssOf(pid);
    if (mib === null) continue;
    const process = nameOf(pid);
    const entry = found.get(`${service} ${process}`) ?? { service, process, mib: 0, count: 0 };
    found.set(`${service} ${process}`, { ...entry, mib: entry.mib + mib, count: entry.count + 1 });
  }
  return [...found.values()].sort((a, b) => a.service.localeCompare(b.service) || b.mib - a.mib);
}

/** Every process of the stack with the service it belongs to: by its environment, or, where it overwrote that, by its parent. */
function servicesByPid(home: string): Map<number, string> {
  const { launcher } = recordedProcesses(home);
  const services = new Map([[launcher!, 'launcher']]);
  for (const pid of processesOf(home)) {
    const service = serviceOf(pid);
    if (service) services.set(pid, service);
  }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  for (const pid of pids.map(Number).sort((a, b) => a - b)) {
    const service = services.get(Number(/\) \S (\d+)/.exec(read(pid, 'stat'))?.[1]));
    if (service && service !== 'launcher' && !services.has(pid)) services.set(pid, service);
  }
  return services;
}

export function printMemory(memory: readonly Memory[]): void {
  if (memory.length === 0) {
    console.log('\nMemory is measured on Linux only.');
    return;
  }
  const sum = (list: readonly Memory[]) => list.reduce((total, { mib }) => total + mib, 0);
  const services = [...new Set(memory.map(({ service }) => service))];
  const lines = [
    ['idle memory (PSS)', 'MiB', 'processes'],
    ...services.flatMap((service) => {
      const members = memory.filter((one) => one.service === service);
      const total = [service, sum(members).toFixed(0), String(members.reduce((count, one) => count + one.count, 0))];
      const parts = members.map(({ process, mib, count }) => [`  ${process}`, mib.toFixed(0), String(count)]);
      return parts.length > 1 ? [total, ...parts] : [total];
    }),
    ['all of it', sum(memory).toFixed(0), ''],
    ['our own', sum(memory.filter(({ service }) => OURS.includes(service))).toFixed(0), OURS.join(' and ')],
  ];
  printColumns(lines, [1]);
}

function pssOf(pid: number): number | null {
  const kib = /^Pss:\s+(\d+) kB/m.exec(read(pid, 'smaps_rollup'))?.[1];
  return kib === undefined ? null : Number(kib) / 1024;
}

function serviceOf(pid: number): string | undefined {
  return /(?:^|\0)TOUCHSTONE_SERVICE=([^\0]*)/.exec(read(pid, 'environ'))?.[1];
}

/** The program, or what it calls itself: "gcs_server", "ray::DashboardAgent", "mlflow". Many of one kind share a name. */
function nameOf(pid: number): string {
  const words = read(pid, 'cmdline').split('\0');
  const kind = /^(postgres|ray-dashboard)[:-]/.exec(words[0]!)?.[1];
  if (kind) return kind;
  if (words[0]!.startsWith('ray::')) return words[0]!.split(' ')[0]!;
  const script = words.slice(1).find((word) => /\.(py|ts|mjs)$|\/(mlflow|ray)$|^uvicorn$/.test(word)) ?? words[0]!;
  return basename(script) || String(pid);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
