import type { QueryKey } from '@tanstack/react-query';
import type { ChangeEvent } from '@touchstone/schemas';

type Verdict = 'refetch' | 'when_next_shown' | null;

/** Where each noun shows: a procedure, and where it is about one thing, the input field that names it. */
const SHOWN_IN: Record<ChangeEvent['noun'], { path: string; id?: string; lazily?: boolean }[]> = {
  api_key: [{ path: 'api_keys.list' }],
  dataset: [
    { path: 'datasets.list' },
    { path: 'datasets.get', id: 'id' },
    { path: 'datasets.versions' },
    // How many versions there are.
    { path: 'datasets.get', lazily: true },
  ],
  experiment: [
    { path: 'experiments.list' },
    { path: 'experiments.counts' },
    { path: 'experiments.get', id: 'id' },
    { path: 'comparisons.get', id: 'experiment_id' },
    { path: 'rows.list', id: 'experiment_id' },
    { path: 'rows.counts', id: 'experiment_id' },
    { path: 'rows.distribution', id: 'experiment_id' },
    // How many experiments use a dataset.
    { path: 'datasets.list', lazily: true },
    { path: 'datasets.get', lazily: true },
  ],
  job: [{ path: 'jobs.list' }, { path: 'jobs.get', id: 'id' }, { path: 'jobs.rows', id: 'id' }],
  endpoint: [{ path: 'endpoints.list' }, { path: 'endpoints.models', id: 'name' }, { path: 'models.list' }],
  price: [{ path: 'prices.list' }, { path: 'models.list' }],
  secret: [{ path: 'secrets.list' }, { path: 'endpoints.list' }, { path: 'models.list' }],
  status: [{ path: 'status.get' }],
};

/** Whether `changes` make the answer kept under a tRPC query key out of date. */
export function staleQueries(changes: readonly ChangeEvent[], queryKey: QueryKey): Verdict {
  const [parts, options] = queryKey as [string[]?, { input?: Record<string, unknown> }?];
  const path = Array.isArray(parts) ? parts.join('.') : '';
  let verdict: Verdict = null;
  for (const { noun, id } of changes) {
    // The server missed what changed: anything may have.
    if (id === '*') return 'refetch';
    for (const place of SHOWN_IN[noun]) {
      if (place.path !== path) continue;
      if (place.id !== undefined && options?.input?.[place.id] !== id) continue;
      if (!place.lazily) return 'refetch';
      verdict = 'when_next_shown';
    }
  }
  return verdict;
}
