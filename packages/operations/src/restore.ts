import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { knownMigrations, loadSnapshot } from '@touchstone/db';
import { type Home, openHome, openKeys, startPostgres, writeJson } from '@touchstone/local-stack';
import { openStorage, type Storage } from '@touchstone/storage';
import { exists, type Packed, readBackup, writeFile } from './archive.ts';
import { explainDiskError, Failure } from './failure.ts';
import { FORMAT_VERSION, isBackupName, MANIFEST, Manifest, SERVER_KEY, tableFile } from './manifest.ts';

export type RestoreOptions = {
  path: string;
  /** Not there yet, or empty. */
  home: string;
  /** Where the files go, if not into the home: an empty prefix of a bucket. */
  storage_url?: string | undefined;
};

/** `secrets_lost`: names of secrets whose key was not in the backup; they have to be set again. */
export type Restored = { manifest: Manifest; secrets_lost: string[] };

/**
 * Makes an installation from a backup, all of it or nothing: everything is read and compared with the manifest in a folder beside
 * the home, which takes the home's name at the end.
 * @throws Failure
 */
export async function restoreBackup({ path, home: given, storage_url }: RestoreOptions): Promise<Restored> {
  const dir = resolve(given);
  if ((await readdir(dir).catch(() => [])).length > 0) {
    throw new Failure(`${dir} is not empty: restore into a folder that is not there yet, with --home.`);
  }
  if (!(await exists(dirname(dir)))) throw new Failure(`There is no folder ${dirname(dir)}.`);
  const bucket = storage_url?.startsWith('s3:') ? await openEmpty(storage_url) : null;
  const staging = await mkdtemp(join(dirname(dir), `.${basename(dir)}-restoring-`));
  const onSignal = () => void remove(staging).finally(() => process.exit(130));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const manifest = await unpack(resolve(path), staging);
    const secrets_lost = await secretsWithoutKey(staging);
    const home = openHome(staging);
    await loadDatabase(home, manifest);
    if (bucket) await moveToBucket(home, manifest, bucket);
    // The sample experiment is no part of what was restored.
    writeJson(join(home.dir, 'demo.json'), { request_id: randomUUID(), finished: true });
    // The first start writes the credential, which names the address that it gets.
    for (const left of ['database', MANIFEST, 'keys/credential.json']) await remove(join(staging, left));
    await remove(dir);
    await rename(staging, dir);
    return { manifest, secrets_lost };
  } catch (error) {
    throw explainDiskError(error, dir);
  } finally {
    await remove(staging);
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** @throws Failure where something is stored there. */
async function openEmpty(url: string): Promise<Storage> {
  const storage = await openStorage(url);
  for await (const { key } of storage.list('')) {
    if (key.startsWith('health/')) continue;
    throw new Failure(`${url.split('?')[0]} is not empty: name another prefix in TOUCHSTONE_STORAGE_URL.`);
  }
  return storage;
}

/** Every file into the folder. @throws Failure unless they are exactly those that the manifest lists. */
async function unpack(path: string, folder: string): Promise<Manifest> {
  const found = new Map<string, Packed>();
  let text: Buffer | null = null;
  for await (const { name, chunks } of readBackup(path)) {
    if (!isBackupName(name) || found.has(name))
      throw new Failure(`${path} is no backup of Touchstone: it has "${name}".`);
    if (name === MANIFEST) text = await buffer(chunks);
    else found.set(name, await writeFile(join(folder, name), name, chunks));
  }
  if (text === null) throw new Failure(`${path} is no backup of Touchstone, or was cut off: it has no ${MANIFEST}.`);
  const manifest = await readManifest(text, path);
  for (const { name, size, sha256 } of manifest.files) {
    const file = found.get(name);
    if (!file) throw new Failure(`The backup is damaged: ${name} is missing. Nothing was restored.`);
    if (file.size !== size || file.sha256 !== sha256) {
      throw new Failure(`The backup is damaged: ${name} is not what was backed up. Nothing was restored.`);
    }
    found.delete(name);
  }
  for (const name of found.keys()) {
    throw new Failure(`The backup was changed: ${name} is not in its manifest. Nothing was restored.`);
  }
  return manifest;
}

/** @throws Failure where this version does not know it. */
async function readManifest(text: Buffer, path: string): Promise<Manifest> {
  let value: unknown;
  try {
    value = JSON.parse(text.toString('utf8'));
  } catch {
    throw new Failure(`The backup ${path} is damaged: its manifest cannot be read.`);
  }
  const { version, touchstone_version } = value as { version?: unknown; touchstone_version?: unknown };
  const byNewer = new Failure(
    `This backup was made by a newer Touchstone (${String(touchstone_version)}): restore it with that version.`,
  );
  if (typeof version === 'number' && version > FORMAT_VERSION) throw byNewer;
  const { data } = Manifest.safeParse(value);
  if (!data) throw new Failure(`The backup ${path} is damaged: its manifest is not as it should be.`);
  const known = await knownMigrations();
  if (data.migrations.some((name) => !known.includes(name))) throw byNewer;
  return data;
}

async function secretsWithoutKey(folder: string): Promise<string[]> {
  if (await exists(join(folder, SERVER_KEY))) return [];
  const names: string[] = [];
  for await (const line of linesOf(join(folder, tableFile('secret')))) {
    names.push((JSON.parse(line) as { name: string }).name);
  }
  return names;
}

async function loadDatabase(home: Home, { migrations }: Manifest): Promise<void> {
  const { postgresPasswordFile } = openKeys(home.keys, 'http://127.0.0.1');
  const postgres = await startPostgres({
    dir: home.postgres,
    passwordFile: postgresPasswordFile,
    log: home.log('postgres'),
  });
  try {
    await loadSnapshot(postgres.url, { migrations, rows: (table) => linesOf(join(home.dir, tableFile(table))) });
  } finally {
    await postgres.stop();
  }
}

async function moveToBucket(home: Home, { files }: Manifest, bucket: Storage): Promise<void> {
  for (const { name } of files) {
    if (!name.startsWith('storage/')) continue;
    await bucket.writeStream(name.slice('storage/'.length), createReadStream(join(home.dir, name)));
  }
  await remove(home.storage);
}

/** The lines of a file; none where there is no such file (a table that the backup's version did not have). */
export async function* linesOf(file: string): AsyncGenerator<string> {
  if (!(await exists(file))) return;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file)) {
    rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield rest.toString('utf8', 0, end);
      rest = rest.subarray(end + 1);
    }
  }
}

const remove = (path: string) => rm(path, { recursive: true, force: true });
