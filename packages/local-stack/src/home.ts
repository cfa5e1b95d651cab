/** TOUCHSTONE_HOME: the one folder that keeps everything. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const LOG_LIMIT = 10 * 1024 * 1024;

export interface Home {
  dir: string;
  postgres: string;
  storage: string;
  ray: string;
  mlflow: string;
  logs: string;
  keys: string;
  run: string;
  /** The log file of a service. */
  log: (service: string) => string;
}

/** The folder with its subfolders, for their owner alone (but Postgres's, which as root belongs to another account). */
export function openHome(folder: string): Home {
  mkdirSync(folder, { recursive: true });
  const dir = realpathSync(folder);
  const at = (name: string) => join(dir, name);
  const home: Home = {
    dir,
    postgres: at('postgres'),
    storage: at('storage'),
    ray: at('ray'),
    mlflow: at('mlflow'),
    logs: at('logs'),
    keys: at('keys'),
    run: at('run'),
    log: (service) => join(at('logs'), `${service}.log`),
  };
  mkdirSync(home.postgres, { recursive: true });
  for (const one of [home.storage, home.ray, home.mlflow, home.logs, home.keys, home.run]) {
    mkdirSync(one, { recursive: true });
    chmodSync(one, 0o700);
  }
  return home;
}

/** Keeps one older log beside a log that has grown large. */
export function rotateLog(log: string): void {
  if (existsSync(log) && statSync(log).size > LOG_LIMIT) renameSync(log, `${log}.1`);
}

/** The last lines of a log, for a message about what went wrong. */
export function tailOf(log: string, lines = 12): string {
  if (!existsSync(log)) return '';
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}

/** Parsed JSON, or null where there is no such file or a crash cut it short. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** Replaces the file at once, readable by its owner alone. */
export function writeJson(file: string, value: unknown): void {
  const temporary = `${file}.${randomBytes(4).toString('hex')}`;
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}
