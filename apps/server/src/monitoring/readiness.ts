import { isMigrated } from '@touchstone/db';
import { SERVICE_NAMES, type ServiceName } from '@touchstone/schemas';
import type { Services } from '../context.ts';
import { getStatus } from '../status/service.ts';

/** Without one of them nothing can be shown or stored. Ray and MLflow may be away: pages, uploads and results work on. */
const NEEDED: readonly ServiceName[] = ['database', 'storage'];

/** Whether a load balancer should send people here, and what does not work; names and states alone, for anybody to read. */
export type Readiness = { ready: boolean; degraded: Partial<Record<ServiceName, string>> };

/** By what the prober saw last, and the database itself. */
export async function getReadiness({ db, env, log }: Services): Promise<Readiness> {
  try {
    const [migrated, { services }] = await Promise.all([isMigrated(db), getStatus({ db, env })]);
    const degraded: Readiness['degraded'] = {};
    for (const name of SERVICE_NAMES) if (services[name].state !== 'ok') degraded[name] = services[name].state;
    if (!migrated) degraded.database = 'not migrated';
    const isUp = (name: ServiceName) => services[name].state === 'ok' || services[name].state === 'degraded';
    return { ready: migrated && NEEDED.every(isUp), degraded };
  } catch (error) {
    log.warn({ err: error }, 'not ready');
    return { ready: false, degraded: { database: 'down' } };
  }
}
