import type { Caller, Services } from '../context.ts';
import { isStillLetIn } from './service.ts';

/** A stream outlives the session or key that opened it by at most this. */
const EVERY_MS = 30_000;

/** Aborted when the caller's session or key has ended: signed out, revoked, over. Looks until `until` is aborted. */
export function watchAccess(
  services: Pick<Services, 'db' | 'log'>,
  caller: Caller,
  { until, every_ms = EVERY_MS }: { until: AbortSignal; every_ms?: number },
): AbortSignal {
  const ended = new AbortController();
  const timer = setInterval(async () => {
    try {
      if (!(await isStillLetIn(services, caller))) ended.abort();
    } catch (error) {
      services.log.warn({ err: error }, 'whether a stream may go on could not be checked');
    }
  }, every_ms);
  timer.unref();
  for (const signal of [until, ended.signal]) {
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  }
  if (until.aborted) clearInterval(timer);
  return ended.signal;
}
