import { databaseVersion, type ProbedName } from '@touchstone/db';
import { keys } from '@touchstone/storage';
import type { Services } from '../context.ts';

export type Probe = {
  /** Where a person finds it; never with a password. */
  url: (services: Services) => string | null;
  /** @returns its version, or null where it has none. @throws where it does not answer. */
  check: (services: Services) => Promise<string | null>;
  /** What it means for the person. */
  starting: string;
  down: string;
};

export const PROBES: Record<ProbedName, Probe> = {
  database: {
    url: ({ env }) => withoutCredentials(env.DATABASE_URL),
    check: ({ db }) => databaseVersion(db),
    starting: 'The database is starting.',
    down: 'The database does not answer: nothing can be shown or started. Running jobs go on.',
  },
  storage: {
    url: ({ env }) => withoutCredentials(env.TOUCHSTONE_STORAGE_URL),
    check: async ({ storage }) => {
      const key = keys.healthProbe();
      await storage.write(key, new Date().toISOString());
      if ((await storage.read(key)).length === 0) throw new Error('What was written came back empty.');
      return null;
    },
    starting: 'Storage is starting.',
    down: 'Files cannot be written or read: uploads fail and jobs wait until it is back.',
  },
  ray: {
    url: ({ env }) => env.RAY_ADDRESS_HTTP,
    check: ({ ray }) => ray.version(),
    starting: 'Ray is starting: jobs wait for it.',
    down: 'Ray does not answer: new jobs wait until it is back, and what was answered is kept.',
  },
  mlflow: {
    url: ({ env }) => `${env.TOUCHSTONE_URL}/mlflow/`,
    check: ({ tracking }) => tracking.ping(),
    starting: 'MLflow is starting: experiments run meanwhile, records are sent when it is up.',
    down: 'MLflow does not answer: experiments run on, records are sent when it is back.',
  },
};

function withoutCredentials(url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  parsed.search = '';
  return parsed.href;
}
