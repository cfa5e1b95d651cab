import { explainError, type Scope } from '@touchstone/schemas';
import { initTRPC, TRPCError } from '@trpc/server';
import { ZodError } from 'zod';
import { explainMissingScope, hasScope } from './access/scope.ts';
import type { Ctx, RequestContext } from './context.ts';
import { toAppError, toTrpcError } from './errors.ts';
import { checkText } from './text.ts';

export type Meta = {
  scope?: Scope;
  /** The procedure as a route: its fields come from `{id}` in the path, and from the query (GET, DELETE) or the JSON body. */
  openapi?: {
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
    path: `/api/${string}`;
    summary: string;
    /** Of the answer; left out: 200, and 204 where there is none. */
    status?: 201;
  };
};

const t = initTRPC
  .context<RequestContext>()
  .meta<Meta>()
  .create({
    sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 40_000 } },
    errorFormatter: ({ shape, error }) => {
      const { stack: _, ...data } = shape.data;
      const message = error.cause instanceof ZodError ? explainError(error.cause) : shape.message;
      return { ...shape, message, data };
    },
  });

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Rules that were broken keep their words; anything unforeseen is logged and replaced. */
const explainErrors = t.middleware(async ({ ctx, path, next }) => {
  const result = await next();
  if (result.ok) return result;
  const { cause } = result.error;
  const told = toAppError(cause);
  if (told) throw toTrpcError(told);
  if (result.error.code !== 'INTERNAL_SERVER_ERROR') return result;
  ctx.log.error({ err: cause ?? result.error, procedure: path }, 'procedure failed');
  throw new TRPCError({
    code: 'INTERNAL_SERVER_ERROR',
    message: 'Something went wrong in the server; its log says what. Nothing that was acknowledged is lost.',
  });
});

/** Refuses who has not signed in, or may not do so much. */
function withScope(scope: Scope) {
  return t.procedure
    .meta({ scope })
    .use(explainErrors)
    .use(async ({ ctx, next, getRawInput }) => {
      const { caller, ...services } = ctx;
      if (!caller)
        throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in first: `npx touchstone login` prints a link.' });
      if (!hasScope(caller, scope))
        throw new TRPCError({ code: 'FORBIDDEN', message: explainMissingScope(caller, scope) });
      // A body that cannot be read is refused by the procedure that wants one.
      checkText(await getRawInput().catch(() => undefined));
      return next({
        ctx: { ...services, caller, user: caller.user, scope: caller.scope } satisfies Ctx & RequestContext,
      });
    });
}

// The only kinds there are: no procedure answers somebody who has not signed in.

/** Looks. */
export const read = withScope('read');
/** Creates, changes, starts, stops or removes the product's own things. */
export const run = withScope('run');
/** Secrets, API keys, endpoints, sign-in links, settings: for a person, or the local command line. */
export const owner = withScope('owner');
