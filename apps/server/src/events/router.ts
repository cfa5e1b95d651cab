import { read, router } from '../trpc.ts';

export const events = router({
  /**
   * Which things changed; what they are now is asked for with their own procedures. Nothing is kept for who was away:
   * a client that connects again asks for everything it shows again, as it does on `{ noun: 'status', id: '*' }`.
   */
  changes: read.subscription(({ ctx, signal }) => ctx.changes.subscribe(signal)),
});
