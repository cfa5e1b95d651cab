/** What `touchstone backup`, `restore`, `doctor` and `migrate-postgres` do, in the Node that the clone has: the command line may run in an older one. */
import { parseArgs } from 'node:util';
import { makeBackup } from './backup.ts';
import type { Check } from './doctor/check.ts';
import { examine } from './doctor/doctor.ts';
import { Failure } from './failure.ts';
import { migratePostgres } from './migrate-postgres.ts';
import { restoreBackup } from './restore.ts';

const { env } = process;
const storage_url = env.TOUCHSTONE_STORAGE_URL || undefined;
const say = (line: string) => console.log(line);
const SIGNS = { ok: '✓', warn: '!', fail: '✗', skipped: '–' } as const;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    home: { type: 'string' },
    url: { type: 'string' },
    'without-keys': { type: 'boolean', default: false },
    deep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

try {
  process.exitCode = await run(positionals[0], positionals[1] ?? '');
} catch (error) {
  // Defects come with their stack; what the parts say is for people.
  const isDefect =
    !(error instanceof Error) || [TypeError, ReferenceError, RangeError].some((kind) => error instanceof kind);
  console.error(isDefect ? error : error.message);
  process.exitCode = 1;
}

async function run(command: string | undefined, path: string): Promise<number> {
  const home = values.home ?? '';
  switch (command) {
    case 'backup':
      return backup(home, path);
    case 'restore':
      return restore(home, path);
    case 'migrate-postgres':
      await migratePostgres({ home, say });
      return 0;
    case 'doctor':
      return doctor();
    default:
      throw new Failure(`There is no command ${command}.`);
  }
}

async function backup(home: string, path: string): Promise<number> {
  const with_keys = !values['without-keys'];
  const { files } = await makeBackup({ home, path, with_keys, storage_url });
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  say(`Backed up ${home} to ${path}: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB.`);
  say(
    with_keys
      ? 'It holds the key that encrypts your secrets: keep it where only you can read it (--without-keys leaves it out).'
      : 'It does not hold the key that encrypts your secrets: after a restore they have to be set again.',
  );
  return 0;
}

async function restore(home: string, path: string): Promise<number> {
  const { manifest, secrets_lost } = await restoreBackup({ path, home, storage_url });
  say(`Restored what was backed up at ${manifest.made_at} into ${home}.`);
  if (secrets_lost.length > 0) say(`Set these secrets again: ${secrets_lost.join(', ')}.`);
  say('Jobs that were not over go on when it starts: if the original still runs them, stop it first.');
  say(`Start it: npm start -- --home ${home}`);
  return 0;
}

async function doctor(): Promise<number> {
  const instance = values.url ? { url: values.url, api_key: env.TOUCHSTONE_API_KEY ?? '' } : null;
  const checks = await examine({ home: values.home ?? null, instance, deep: values.deep, storage_url });
  const healthy = checks.every(({ state }) => state !== 'fail');
  if (values.json) say(JSON.stringify({ healthy, checks }, null, 2));
  else for (const check of checks) print(check);
  return healthy ? 0 : 1;
}

function print({ name, state, detail, to_do }: Check): void {
  say(`${SIGNS[state]} ${name.padEnd(32)} ${detail}`);
  if (to_do) say(`  ${''.padEnd(32)} → ${to_do}`);
}
