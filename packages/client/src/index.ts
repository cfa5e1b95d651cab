import type { AppRouter } from '@touchstone/server/router';
import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink, type TRPCClient } from '@trpc/client';
import { EventSource } from 'eventsource';
import { fromProcedureError, notTouchstone } from './errors.ts';
import { createFiles, type Files } from './files.ts';

export { type ErrorCode, TouchstoneError } from './errors.ts';
export type { Files, Upload } from './files.ts';

export type TouchstoneClientOptions = {
  /** Where Touchstone is: `http://127.0.0.1:4300`. */
  url: string;
  /** `tsk_…` */
  apiKey: string;
  fetch?: typeof globalThis.fetch;
};

/** Every procedure of the server (`client.experiments.get.query({ id })`), and the routes that carry files. */
export type TouchstoneClient = TRPCClient<AppRouter> & Files;

/** Calls throw TouchstoneError. Nothing is kept open but a subscription, until it is unsubscribed. */
export function createTouchstoneClient({
  url,
  apiKey,
  fetch = globalThis.fetch,
}: TouchstoneClientOptions): TouchstoneClient {
  const base = url.replace(/\/+$/, '');
  const headers = { authorization: `Bearer ${apiKey}` };
  const procedures = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({
          url: `${base}/trpc`,
          EventSource,
          eventSourceOptions: () => ({
            fetch: (address, init) => fetch(address, { ...init, headers: { ...init.headers, ...headers } }),
          }),
        }),
        false: httpLink({ url: `${base}/trpc`, headers, fetch: jsonOnly(fetch, base) }),
      }),
    ],
  });
  return withFiles(withTouchstoneErrors(procedures, base), createFiles({ url: base, headers, fetch }));
}

/** Refuses what is not JSON, which is all that procedures answer with. */
function jsonOnly(fetch: typeof globalThis.fetch, url: string): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.headers.get('content-type')?.startsWith('application/json')) return response;
    throw notTouchstone(url, response.status);
  };
}

/** The same calls, whose promises reject with TouchstoneError. */
function withTouchstoneErrors<T extends object>(client: T, url: string): T {
  return new Proxy(client, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? withTouchstoneErrors(value, url) : value;
    },
    apply: (target, self, args) => {
      const result: unknown = Reflect.apply(target as () => unknown, self, args);
      if (!(result instanceof Promise)) return result;
      return result.catch((error) => {
        throw fromProcedureError(error, url);
      });
    },
  });
}

/** A tRPC client answers to any name, so the files' functions come first. */
function withFiles<T extends object>(procedures: T, files: Files): T & Files {
  return new Proxy(procedures, {
    get: (target, key) => (Object.hasOwn(files, key) ? files[key as keyof Files] : Reflect.get(target, key)),
  }) as T & Files;
}
