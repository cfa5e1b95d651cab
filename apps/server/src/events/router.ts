import { TRPCError } from '@trpc/server';
import { watchAccess } from '../access/watch.ts';
import { read, router } from '../trpc.ts';

export const events = router({
  /**
   * Which things changed; what they are now is asked for with their own procedures. Nothing is kept for who was away:
   * a client that connects again asks for everything it shows again, as it does on `{ noun: 'status', id: '*' }`.
   * Ends with UNAUTHORIZED soon after the session or key has.
   */
  changes: read.subscription(async function* ({ ctx, signal = new AbortController().signal }) {
    const refused = watchAccess(ctx, ctx.caller, { until: signal });
    yield* ctx.changes.subscribe(AbortSignal.any([signal, refused]));
    if (refused.aborted)
      throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in again: the session or key has ended.' });
  }),
});
