/** Keeps a service running: starts it again, later each time, and stops trying when it keeps dying. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from './service.ts';

const DEATHS = 5;
const WITHIN = 60_000;
const LONGEST_PAUSE = 15_000;

export interface Supervised<T extends Service> {
  /** The first time it answers; rejects when the first start fails or is stopped. */
  ready: Promise<T>;
  stop: () => Promise<void>;
}

export interface SuperviseOptions<T extends Service> {
  title: string;
  log: string;
  start: (signal: AbortSignal) => Promise<T>;
  say: (line: string) => void;
  /** Whether a first start that fails is tried again, like a later death. */
  retryFirst: boolean;
  /** Milliseconds before the first restart; doubled for each further one. */
  firstPause?: number;
}

/** Starts the service and restarts it whenever it ends by itself. */
export function supervise<T extends Service>({
  title,
  log,
  start,
  say,
  retryFirst,
  firstPause = 500,
}: SuperviseOptions<T>): Supervised<T> {
  const stopped = new AbortController();
  const first = Promise.withResolvers<T>();
  first.promise.catch(() => {});
  let current: T | null = null;
  const loop = run();

  async function run(): Promise<void> {
    const deaths: number[] = [];
    let wasUp = false;
    while (!stopped.signal.aborted) {
      let why: string;
      try {
        current = await start(stopped.signal);
        if (wasUp || deaths.length > 0) say(`✓ ${title} runs again.`);
        wasUp = true;
        first.resolve(current);
        why = await current.exited;
        await current.stop(); // what it left behind
        current = null;
      } catch (error) {
        why = error instanceof Error ? error.message : String(error);
        if (!wasUp && !retryFirst) return first.reject(error);
      }
      if (stopped.signal.aborted) return;
      deaths.push(Date.now());
      if (deaths.filter((at) => at > Date.now() - WITHIN).length >= DEATHS) {
        say(`✗ ${title} ended ${DEATHS} times within a minute (${firstLine(why)}): not started again. Log: ${log}`);
        return first.reject(new Error(why));
      }
      say(`! ${title} ended (${firstLine(why)}); it is started again. Log: ${log}`);
      const pause = Math.min(firstPause * 2 ** (deaths.length - 1), LONGEST_PAUSE);
      await sleep(pause, undefined, { signal: stopped.signal }).catch(() => {});
    }
  }

  return {
    ready: first.promise,
    stop: async () => {
      stopped.abort();
      await current?.stop();
      await loop;
      first.reject(new Error(`${title} was stopped.`));
    },
  };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
