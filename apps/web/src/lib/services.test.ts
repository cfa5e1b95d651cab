import type { ServiceState, Status } from '@touchstone/schemas';
import { expect, test } from 'vitest';
import { worstService } from './services.ts';

function services(states: Partial<Record<keyof Status['services'], ServiceState>>): Status['services'] {
  const health = (state: ServiceState = 'ok') => ({
    state,
    url: null,
    version: null,
    detail: null,
    to_do: null,
    since: null,
    checked_at: null,
  });
  return {
    server: health(states.server),
    database: health(states.database),
    storage: health(states.storage),
    ray: health(states.ray),
    mlflow: health(states.mlflow),
  };
}

test('down is worse than degraded, degraded worse than starting, starting worse than OK', () => {
  expect(worstService(services({}))).toEqual({ state: 'ok', names: [] });
  expect(worstService(services({ mlflow: 'starting' }))).toEqual({ state: 'starting', names: ['mlflow'] });
  expect(worstService(services({ mlflow: 'starting', storage: 'degraded' }))).toEqual({
    state: 'degraded',
    names: ['storage'],
  });
  expect(worstService(services({ mlflow: 'starting', ray: 'down', storage: 'down' }))).toEqual({
    state: 'down',
    names: ['storage', 'ray'],
  });
});
