import { databaseVersion, type Health, type ProbedName } from '@touchstone/db';
import type { ClusterFacts, StorageFacts } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { Services } from '../context.ts';
import { explainFullDisk, measureDisk } from './disk.ts';

/** What a service that answers says of itself; with a `problem` it works, and something is to be put right. */
type Found = { facts: Health['facts']; problem?: { detail: string; to_do: string } };

export type Probe = {
  /** Where a person finds it; never with a password. */
  url: (services: Services) => string | null;
  /** @throws where it does not answer. */
  check: (services: Services) => Promise<Found>;
  /** What it means for the person. */
  starting: string;
  down: string;
  /** What the person can do when it is down. */
  to_do: string;
};

const DOCTOR = '`npx touchstone doctor` looks closer.';
const restarted = (what: string) =>
  `Started by \`npm start\`, it comes back by itself; with ${what} of your own, see whether it runs. ${DOCTOR}`;

export const PROBES: Record<ProbedName, Probe> = {
  database: {
    url: ({ env }) => withoutCredentials(env.DATABASE_URL),
    check: async ({ db }) => ({ facts: { version: await databaseVersion(db) } }),
    starting: 'The database is starting.',
    down: 'The database does not answer: nothing can be shown or started. Running jobs go on.',
    to_do: restarted('a Postgres'),
  },
  storage: {
    url: ({ env }) => withoutCredentials(env.TOUCHSTONE_STORAGE_URL),
    check: checkStorage,
    starting: 'Storage is starting.',
    down: 'Files cannot be written or read: uploads fail and jobs wait until it is back.',
    to_do: `See that the folder or bucket is there, may be written to and has room. ${DOCTOR}`,
  },
  ray: {
    url: ({ env }) => env.RAY_ADDRESS_HTTP,
    check: async ({ ray }) => {
      const version = await ray.version();
      // A head that answers runs jobs, also where its figures cannot be had.
      const cluster: ClusterFacts | null = await ray.capacity().catch(() => null);
      return { facts: { version, cluster } };
    },
    starting: 'Ray is starting: jobs wait for it.',
    down: 'Ray does not answer: running jobs go on when it is back, new ones wait, and nothing that was answered is lost.',
    to_do: restarted('a cluster'),
  },
  mlflow: {
    url: ({ env }) => `${env.TOUCHSTONE_URL}/mlflow/`,
    check: async ({ tracking }) => ({ facts: { version: await tracking.ping() } }),
    starting: 'MLflow is starting: experiments run meanwhile, records are sent when it is up.',
    down: 'MLflow does not answer: experiments run on, records are sent when it is back.',
    to_do: restarted('an MLflow'),
  },
};

async function checkStorage({ storage, env }: Services): Promise<Found> {
  const key = keys.healthProbe();
  await storage.write(key, new Date().toISOString());
  if ((await storage.read(key)).length === 0) throw new Error('What was written came back empty.');
  const disk = await measureDisk({ storage, env });
  const facts: Omit<StorageFacts, 'used_bytes'> = { driver: storage.localPath ? 'folder' : 's3', disk };
  const full = explainFullDisk(disk, env);
  if (full === null) return { facts };
  const detail = `The disk is nearly full (${full}): no job starts and no file is taken. Running jobs go on.`;
  return { facts, problem: { detail, to_do: 'Free some space: what waits then starts by itself.' } };
}

function withoutCredentials(url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  parsed.search = '';
  return parsed.href;
}
