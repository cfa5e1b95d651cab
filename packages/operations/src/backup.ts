import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSnapshot, type Snapshot } from '@touchstone/db';
import {
  findRunning,
  type Home,
  majorOfData,
  openHome,
  readConfig,
  runningPostgresUrl,
  startStack,
} from '@touchstone/local-stack';
import { keys, openStorage, type Storage, StorageNotFound } from '@touchstone/storage';
import manifest from '../package.json' with { type: 'json' };
import { exists, openPacker, type Packed, type Packer } from './archive.ts';
import { explainDiskError, Failure } from './failure.ts';
import {
  FORMAT_VERSION,
  MANIFEST,
  type Manifest,
  MLFLOW_DATABASE,
  SERVER_KEY,
  storageFile,
  tableFile,
} from './manifest.ts';

/** Smaller files are read at once: some of them change (a job's progress), and a tar has to know the size before. */
const SMALL_BYTES = 8 * 1024 * 1024;

export type BackupOptions = {
  home: string;
  /** A file whose name ends with .tar, or a folder; neither is there yet. */
  path: string;
  /** Whether the key that encrypts secrets comes along: who has both can read them. */
  with_keys: boolean;
  /** Of the files, where they are not where the last start had them. */
  storage_url?: string | undefined;
};

/**
 * Copies everything of an installation, also while it runs: the database as of one moment, then the files that it speaks of. Those
 * do not change once they are whole, and what a running job wrote meanwhile is as good as if it had been written before.
 * @throws Failure
 */
export async function makeBackup({ home: dir, path, with_keys, storage_url }: BackupOptions): Promise<Manifest> {
  if (majorOfData(join(dir, 'postgres')) === null) throw new Failure(`Touchstone has never been started in ${dir}.`);
  const home = openHome(dir);
  const storage = await openStorage(storage_url ?? readConfig(home.dir).storage_url ?? `file://${home.storage}`);
  const packer = await openPacker(resolve(path));
  const onSignal = () => void packer.abort().finally(() => process.exit(130));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const made = await withDatabase(home, (url) => pack({ home, storage, packer, with_keys, url, path }));
    await packer.finish();
    return made;
  } catch (error) {
    await packer.abort();
    throw explainDiskError(error, path);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** The installation's own Postgres: the one that runs, or one for as long as it is needed. */
export async function withDatabase<T>(home: Home, work: (url: string) => Promise<T>): Promise<T> {
  if (findRunning(home.dir)) return work(runningPostgresUrl(home.dir));
  const stack = await startStack({ home: home.dir, services: ['postgres'] });
  try {
    return await work((await stack.ready.postgres).url);
  } finally {
    await stack.stop();
  }
}

type Packing = { home: Home; storage: Storage; packer: Packer; with_keys: boolean; url: string; path: string };

async function pack({ home, storage, packer, with_keys, url, path }: Packing): Promise<Manifest> {
  const made_at = new Date().toISOString();
  const files: Packed[] = [];
  const snapshot = await openSnapshot(url);
  try {
    for (const table of snapshot.tables) {
      files.push(await packer.add(tableFile(table), toLines(snapshot.rows(table))));
    }
  } finally {
    await snapshot.close();
  }
  await checkRoom(storage, dirname(resolve(path)));
  for await (const packed of packStorage(storage, snapshot, packer)) files.push(packed);
  files.push(...(await packMlflow(home, packer, dirname(resolve(path)))));
  if (with_keys) files.push(await packFile(join(home.keys, 'server.key'), SERVER_KEY, packer));
  const made: Manifest = {
    format: 'touchstone-backup',
    version: FORMAT_VERSION,
    made_at,
    touchstone_version: manifest.version,
    migrations: snapshot.migrations,
    files,
  };
  const text = Buffer.from(JSON.stringify(made, null, 1));
  await packer.add(MANIFEST, once(text), text.length);
  return made;
}

/** @throws Failure where the files will not fit. */
async function checkRoom(storage: Storage, folder: string): Promise<void> {
  let needed = 0;
  for await (const { size } of storage.list('')) needed += size;
  const { bavail, bsize } = await statfs(folder);
  if (needed <= bavail * bsize) return;
  const gb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new Failure(`The backup needs ${gb(needed)}, and ${folder} has ${gb(bavail * bsize)} free.`);
}

async function* packStorage(storage: Storage, snapshot: Snapshot, packer: Packer): AsyncGenerator<Packed> {
  for (const { id, name } of snapshot.datasets) {
    const packed = await collect(packPrefix(storage, keys.datasetPrefix(id), packer));
    if (!packed.some((file) => file.name === storageFile(keys.datasetData(id)))) throw goneMeanwhile('dataset', name);
    yield* packed;
  }
  for (const id of snapshot.experiment_ids) yield* packPrefix(storage, keys.experimentPrefix(id), packer);
  for (const id of snapshot.job_ids) yield* packPrefix(storage, keys.jobPrefix(id), packer);
}

const goneMeanwhile = (noun: string, name: string) =>
  new Failure(
    `The files of the ${noun} "${name}" are not there: it was deleted meanwhile, or storage is damaged. Run it again.`,
  );

async function* packPrefix(storage: Storage, prefix: string, packer: Packer): AsyncGenerator<Packed> {
  for await (const { key, size } of storage.list(prefix)) {
    // A key for an attempt that is not restored: the next attempt gets its own.
    if (key.endsWith('/secrets.sealed')) continue;
    const name = storageFile(key);
    try {
      if (size > SMALL_BYTES) {
        yield await packer.add(name, await storage.readStream(key), size);
      } else {
        const bytes = await storage.read(key);
        yield await packer.add(name, once(bytes), bytes.length);
      }
    } catch (error) {
      // Of what was deleted since the snapshot; a dataset's are missed.
      if (!(error instanceof StorageNotFound)) throw error;
    }
  }
}

/** MLflow's own record, as of one moment, and what was attached to it. */
async function packMlflow(home: Home, packer: Packer, spool: string): Promise<Packed[]> {
  const database = join(home.mlflow, 'mlflow.db');
  if (!(await exists(database))) return [];
  const folder = await mkdtemp(join(spool, '.touchstone-mlflow-'));
  try {
    const copy = join(folder, 'mlflow.db');
    const source = new DatabaseSync(database, { readOnly: true, timeout: 10_000 });
    source.prepare('VACUUM INTO ?').run(copy);
    source.close();
    const packed = [await packFile(copy, MLFLOW_DATABASE, packer)];
    const artifacts = join(home.mlflow, 'artifacts');
    for (const entry of await readdir(artifacts, { recursive: true, withFileTypes: true }).catch(() => [])) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      packed.push(await packFile(file, `mlflow/${file.slice(home.mlflow.length + 1)}`, packer));
    }
    return packed;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function packFile(file: string, name: string, packer: Packer): Promise<Packed> {
  return packer.add(name, createReadStream(file), (await stat(file)).size);
}

async function* toLines(rows: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const row of rows) yield Buffer.from(`${row}\n`);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
