import { SERVICE_NAMES, type ServiceName, type ServiceState, type Status } from '@touchstone/schemas';

export const SERVICE_LABELS: Record<ServiceName, string> = {
  server: 'Server',
  database: 'Database',
  storage: 'Storage',
  ray: 'Ray',
  mlflow: 'MLflow',
};

/** The worst state among the services, and the services that are in it. */
export function worstService(services: Status['services']): { state: ServiceState; names: ServiceName[] } {
  for (const state of ['down', 'degraded', 'starting'] as const) {
    const names = SERVICE_NAMES.filter((name) => services[name].state === state);
    if (names.length) return { state, names };
  }
  return { state: 'ok', names: [] };
}
