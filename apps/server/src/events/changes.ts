import { setTimeout as sleep } from 'node:timers/promises';
import { listenForChanges } from '@touchstone/db';
import { ChangeEvent } from '@touchstone/schemas';

/** Something may have changed that nobody told: every page asks for all it shows again. */
export const EVERYTHING: ChangeEvent = { noun: 'status', id: '*' };

/** Changes that come within this time are told together, each once. */
const GATHER_MS = 50;
/** What goes on changing is told this often: each time, every page that shows it asks for it. */
const EVERY_MS = 500;
/** Of more than these at once, `EVERYTHING` is told instead. */
const MOST_PENDING = 1000;

/** What changed, told to all who listen: the pages of this process's clients, from one connection to the database. */
export type Changes = {
  /** Ends when the signal is aborted or the server stops. */
  subscribe(signal?: AbortSignal): AsyncGenerator<ChangeEvent, void>;
  /** How many listen. */
  listeners(): number;
  stop(): Promise<void>;
};

type Subscriber = { pending: Map<string, ChangeEvent>; wake: () => void };

function parseMessage(message: string): ChangeEvent | null {
  const [noun, id] = message.split(' ', 2);
  return ChangeEvent.safeParse({ noun, id }).data ?? null;
}

/** Listens to the database until `stop()`. */
export function openChanges(databaseUrl: string): Changes {
  const subscribers = new Set<Subscriber>();
  const stopping = new AbortController();

  function tell(event: ChangeEvent): void {
    for (const { pending, wake } of subscribers) {
      if (pending.size >= MOST_PENDING) {
        pending.clear();
        pending.set('*', EVERYTHING);
      } else if (!pending.has('*')) {
        pending.set(event === EVERYTHING ? '*' : `${event.noun} ${event.id}`, event);
      }
      wake();
    }
  }

  const listener = listenForChanges(
    databaseUrl,
    (message) => {
      const event = parseMessage(message);
      if (event) tell(event);
    },
    () => tell(EVERYTHING),
  );

  return {
    async *subscribe(signal) {
      const ended = signal ? AbortSignal.any([signal, stopping.signal]) : stopping.signal;
      const subscriber: Subscriber = { pending: new Map(), wake: () => {} };
      subscribers.add(subscriber);
      let toldAt = Number.NEGATIVE_INFINITY;
      ended.addEventListener('abort', () => subscriber.wake(), { once: true });
      try {
        while (!ended.aborted) {
          if (subscriber.pending.size === 0) {
            await new Promise<void>((resolve) => {
              subscriber.wake = resolve;
            });
          }
          const wait = Math.max(GATHER_MS, toldAt + EVERY_MS - performance.now());
          await sleep(wait, undefined, { signal: ended }).catch(() => {});
          toldAt = performance.now();
          const events = [...subscriber.pending.values()];
          subscriber.pending.clear();
          if (!ended.aborted) yield* events;
        }
      } finally {
        subscribers.delete(subscriber);
      }
    },
    listeners: () => subscribers.size,
    async stop() {
      stopping.abort();
      await listener.stop();
    },
  };
}
