'use client';

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { AppRouter } from '@touchstone/server/router';
import {
  createTRPCClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  TRPCClientError,
  type TRPCClientErrorLike,
  type TRPCLink,
} from '@trpc/client';
import { createTRPCContext, type inferInput, type inferOutput } from '@trpc/tanstack-react-query';
import { type ReactNode, useState } from 'react';
import { signInAddress } from './paths.ts';

const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

export { type inferInput, type inferOutput, useTRPC, useTRPCClient };
export type ApiError = TRPCClientErrorLike<AppRouter>;

/** The status of an answer that is an error; undefined where no answer came. */
function httpStatus(error: unknown): number | undefined {
  return error instanceof TRPCClientError ? (error.data?.httpStatus as number | undefined) : undefined;
}

/** What to tell the person: the server's words, or that it could not be reached. */
export function errorMessage(error: unknown): string {
  if (error instanceof TRPCClientError && error.data) return error.message;
  if (error instanceof TRPCClientError) return 'Touchstone cannot be reached. Is it still running in its terminal?';
  return error instanceof Error ? error.message : String(error);
}

/** A session that has ended sends the person to the sign-in page, and back here after it. */
export function leaveWhenSignedOut(error: unknown): void {
  if (httpStatus(error) === 401) window.location.assign(signInAddress(window.location));
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
    mutationCache: new MutationCache({ onError: leaveWhenSignedOut }),
    defaultOptions: {
      queries: {
        // Live events say when something changed; until then what was fetched stays fresh.
        staleTime: 30_000,
        retry: (failures, error) => failures < 2 && (httpStatus(error) ?? 500) >= 500,
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
}

/** Infinite queries add a `direction` to their input; lists here only go forward, and procedures refuse what they do not know. */
const dropDirection: TRPCLink<AppRouter> =
  () =>
  ({ op, next }) => {
    if (typeof op.input !== 'object' || op.input === null || !('direction' in op.input)) return next(op);
    const { direction: _, ...input } = op.input;
    return next({ ...op, input });
  };

function createClient() {
  return createTRPCClient<AppRouter>({
    links: [
      dropDirection,
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: httpSubscriptionLink({ url: '/trpc' }),
        false: httpBatchLink({ url: '/trpc', maxURLLength: 4000 }),
      }),
    ],
  });
}

export function ApiProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(createQueryClient);
  const [trpcClient] = useState(createClient);
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}
