import { join } from 'node:path';
import { majorOfData } from '@touchstone/local-stack';
import manifest from '../../package.json' with { type: 'json' };
import type { Check } from './check.ts';
import { fail, skipped } from './check.ts';
import { checkMachine } from './machine.ts';
import { checkServer, type Instance } from './server.ts';
import { checkServices } from './services.ts';

export type DoctorOptions = {
  /** The folder of the installation on this machine; null: the instance is elsewhere. */
  home: string | null;
  instance: Instance | null;
  /** Also run a job that does nothing. */
  deep: boolean;
  storage_url?: string | undefined;
};

/** Looks at every part that there is from here. */
export async function examine({ home, instance, deep, storage_url }: DoctorOptions): Promise<Check[]> {
  const server = instance
    ? checkServer(instance, manifest.version)
    : [skipped('server', 'There is no credential: Touchstone has never been started here.')];
  if (home === null) return server;
  if (majorOfData(join(home, 'postgres')) === null) {
    const never = fail('folder', `Touchstone has never been started in ${home}.`, 'Run `npm start`.');
    return [never, ...(await checkMachine(home))];
  }
  return (await Promise.all([server, checkServices(home, { deep, storage_url }), checkMachine(home)])).flat();
}
