/** What the folder of an installation says of it: to the next start, and to those who look after it. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StackFile } from './claim.ts';
import { readJson, writeJson } from './home.ts';
import { postgresUrl } from './postgres.ts';
import { isAlive } from './processes.ts';

/** config.json: kept so that addresses stay the same. */
export interface Config {
  web_port: number;
  base_port: number;
  /** Where the files were at the last start. */
  storage_url: string;
}

export interface Ports {
  web: number;
  postgres: number;
  mlflow: number;
  ray: number;
}

export function readConfig(home: string): Partial<Config> {
  return (readJson(join(home, 'config.json')) ?? {}) as Partial<Config>;
}

export function writeConfig(home: string, config: Config): void {
  writeJson(join(home, 'config.json'), config);
}

/** The ports of the services that nobody but us talks to. */
export function portsOf(base: number): Omit<Ports, 'web'> {
  return { postgres: base, mlflow: base + 1, ray: base + 2 };
}

/** Where files are kept: as given, else in the folder. */
export function storageUrlOf({ storage }: { storage: string }, given?: string): string {
  return given ?? pathToFileURL(storage).href;
}

/** What runs in a folder now, or null. */
export function findRunning(home: string): StackFile | null {
  const found = readJson(join(home, 'run', 'stack.json')) as StackFile | null;
  return found && isAlive(found.launcher) ? found : null;
}

/** The address of the Postgres of a folder whose stack runs. */
export function runningPostgresUrl(home: string): string {
  const { base_port = 0 } = readConfig(home);
  return postgresUrl(portsOf(base_port).postgres, join(home, 'keys', 'postgres-password'));
}
