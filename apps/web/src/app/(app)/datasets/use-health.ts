import { useQuery } from '@tanstack/react-query';
import type { DatasetHealthInput } from '@touchstone/schemas';
import { useTRPC } from '@/lib/trpc.tsx';

/** Milliseconds until a look that is under way is asked after again; each asking waits for a while itself. */
const ASK_AGAIN_MS = 500;

/** What is found in a dataset; null: nothing is asked. Versions do not change, so what is found stays. */
export function useHealth(input: DatasetHealthInput | null) {
  const trpc = useTRPC();
  return useQuery(
    trpc.datasets.health.queryOptions(input ?? { id: '', input_column: '' }, {
      enabled: input !== null,
      staleTime: Number.POSITIVE_INFINITY,
      refetchInterval: ({ state }) => (state.data?.state === 'running' ? ASK_AGAIN_MS : false),
      // What failed is asked again by a person.
      retry: false,
    }),
  );
}
