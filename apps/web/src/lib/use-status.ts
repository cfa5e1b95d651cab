'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from './trpc.tsx';

/** How Touchstone's parts are; told when it changes, and asked for now and then in case nobody could tell. */
export function useStatus() {
  const trpc = useTRPC();
  return useQuery(trpc.status.get.queryOptions(undefined, { refetchInterval: 30_000 }));
}
