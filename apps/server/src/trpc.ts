import { explainError } from '@touchstone/schemas';
import { initTRPC, TRPCError } from '@trpc/server';
import { ZodError } from 'zod';
import type { Ctx, RequestContext } from './context.ts';
import { toAppError, toTrpcError } from './errors.ts';

const t = initTRPC.context<RequestContext>().create({
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

const requireCaller = t.middleware(({ ctx, next }) => {
  if (!ctx.caller)
    throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in first: `npx touchstone login` prints a link.' });
  const { caller, ...services } = ctx;
  return next({ ctx: { ...services, caller, user: caller.user } satisfies Ctx & RequestContext });
});

/** The only kind there is: no procedure answers somebody who has not signed in. */
export const procedure = t.procedure.use(explainErrors).use(requireCaller);
