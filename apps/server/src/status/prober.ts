import { setTimeout as sleep } from 'node:timers/promises';
import { type Health, mergeFacts, type ProbedName, recordHealth } from '@touchstone/db';
import { StorageError } from '@touchstone/storage';
import type { Services } from '../context.ts';
import { PROBES } from './probes.ts';

const EVERY_MS = 10_000;
const USAGE_EVERY_MS = { least: 60_000, most: 60 * 60_000 };
/** Of the time, at most this part goes into measuring what storage holds. */
const USAGE_SHARE = 0.01;
/** While something is still starting, so that a page sees it come up. */
const SOON_MS = 2_000;
const ANSWER_WITHIN_MS = 8_000;
/** A service that never answered counts as starting for so long after the server's start. */
export const STARTING_MS = 90_000;

/** What a failed probe means: a service that has not been seen yet may just be starting. */
export function failedState({ seen, uptime_ms }: { seen: boolean; uptime_ms: number }): 'starting' | 'down' {
  return !seen && uptime_ms < STARTING_MS ? 'starting' : 'down';
}

/** Asks a service whether it works. Never throws. */
export async function probe(
  services: Services,
  name: ProbedName,
  history: { seen: boolean; uptime_ms: number },
): Promise<Health> {
  const { url, check, to_do, ...words } = PROBES[name];
  const timer = new AbortController();
  try {
    const late = sleep(ANSWER_WITHIN_MS, undefined, { signal: timer.signal }).then(() => {
      throw new Error(`No answer within ${ANSWER_WITHIN_MS / 1000} s.`);
    });
    const { facts, problem } = await Promise.race([check(services), late]);
    const { detail = null, to_do = null } = problem ?? {};
    return { state: problem ? 'degraded' : 'ok', url: url(services), detail, to_do, facts };
  } catch (error) {
    services.log.debug({ err: error, service: name }, 'probe failed');
    const reason = error instanceof StorageError ? error : null;
    // What a person has to put right does not pass while something starts.
    const state = reason && reason.kind !== 'unavailable' ? 'down' : failedState(history);
    const detail = reason ? `${words[state]} ${reason.message}` : words[state];
    return { state, url: url(services), detail, to_do: state === 'down' ? to_do : null, facts: {} };
  } finally {
    timer.abort();
  }
}

/** Probes every service each ten seconds and records what it saw, until `stop()`. Several servers may do so at once. */
export function startProber(services: Services): { stop(): Promise<void> } {
  const started = performance.now();
  const stopping = new AbortController();

  async function watch(name: ProbedName): Promise<void> {
    let seen = false;
    let told: Health['state'] | null = null;
    while (!stopping.signal.aborted) {
      const health = await probe(services, name, { seen, uptime_ms: performance.now() - started });
      if (stopping.signal.aborted) return;
      seen ||= health.state === 'ok' || health.state === 'degraded';
      if (health.state !== told) services.log.info({ service: name, state: health.state }, 'service');
      told = health.state;
      await recordHealth(services.db, name, health).catch((error) =>
        services.log.warn({ err: error, service: name }, 'its state could not be recorded'),
      );
      await sleep(health.state === 'starting' ? SOON_MS : EVERY_MS, undefined, { signal: stopping.signal }).catch(
        () => {},
      );
    }
  }

  /** Goes over every file, so the more there are, the more seldom it is done. */
  async function watchUsage(): Promise<void> {
    while (!stopping.signal.aborted) {
      let isKept = false;
      const started = performance.now();
      try {
        let used_bytes = 0;
        for await (const { size } of services.storage.list('')) {
          used_bytes += size;
          if (stopping.signal.aborted) return;
        }
        isKept = await mergeFacts(services.db, 'storage', { used_bytes });
      } catch (error) {
        services.log.debug({ err: error }, 'what storage holds could not be measured');
      }
      const rest = (performance.now() - started) / USAGE_SHARE;
      const { least, most } = USAGE_EVERY_MS;
      await sleep(isKept ? Math.min(Math.max(rest, least), most) : SOON_MS, undefined, {
        signal: stopping.signal,
      }).catch(() => {});
    }
  }

  const watches = Promise.all([...(Object.keys(PROBES) as ProbedName[]).map(watch), watchUsage()]);
  return {
    async stop() {
      stopping.abort();
      // A probe that waits for an answer ends by itself; nothing is recorded then.
      await Promise.race([watches, sleep(500)]);
    },
  };
}
