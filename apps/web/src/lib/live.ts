'use client';

import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import type { ChangeEvent } from '@touchstone/schemas';
import { useSubscription } from '@trpc/tanstack-react-query';
import { useEffect, useRef } from 'react';
import { staleQueries } from './stale-queries.ts';
import { leaveWhenSignedOut, useTRPC } from './trpc.tsx';

/** The server tells what belongs together at once: its events cause one refetch. */
const GATHER_MS = 30;
const RETRY_MS = 3000;

function refetchChanged(queryClient: QueryClient, changes: readonly ChangeEvent[]): void {
  void queryClient.invalidateQueries({ predicate: (query) => staleQueries(changes, query.queryKey) === 'refetch' });
  void queryClient.invalidateQueries({
    predicate: (query) => staleQueries(changes, query.queryKey) === 'when_next_shown',
    refetchType: 'none',
  });
}

/** Keeps every query of this tab current: one stream of changes, and after a break everything is asked again. */
export function useLiveUpdates(): { connected: boolean } {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const gathered = useRef<ChangeEvent[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const interrupted = useRef(false);

  const subscription = useSubscription(
    trpc.events.changes.subscriptionOptions(undefined, {
      onData: (change) => {
        gathered.current.push(change);
        timer.current ??= setTimeout(() => {
          timer.current = null;
          refetchChanged(queryClient, gathered.current.splice(0));
        }, GATHER_MS);
      },
      onError: leaveWhenSignedOut,
      onConnectionStateChange: ({ state }) => {
        if (state === 'pending' && interrupted.current) {
          interrupted.current = false;
          void queryClient.invalidateQueries();
        } else if (state === 'connecting') {
          interrupted.current = true;
        }
      },
    }),
  );

  // The browser reconnects by itself after a broken connection, but not after an answer that is an error.
  const { status, reset } = subscription;
  useEffect(() => {
    if (status !== 'error') return;
    interrupted.current = true;
    const retry = setTimeout(reset, RETRY_MS);
    return () => clearTimeout(retry);
  }, [status, reset]);
  useEffect(() => () => clearTimeout(timer.current ?? undefined), []);

  return { connected: status === 'pending' };
}
