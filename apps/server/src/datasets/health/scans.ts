import { Worker } from 'node:worker_threads';
import { AppError } from '../../errors.ts';
import type { HealthFacts } from './facts.ts';
import type { ScanRequest } from './scan.ts';
import type { WorkerMessage } from './worker.ts';

/** A thread that takes more is ended, and the server lives on. */
const MOST_HEAP_MB = 512;
/** A failure is told to all who ask so soon after it; later it is tried again. */
const FAILURE_KEPT_MS = 10_000;

export type ScanState = { facts: HealthFacts } | { rows_read: number };

/** Looks at datasets, one at a time: each has a thread while it is looked at. */
export type HealthScans = {
  /**
   * What was found, or after `within_ms` how far it is. Who asks for the same `key` meanwhile shares the look; `begin` is asked where none is under
   * way, and `keep` is given what was found before anybody is told.
   * @throws AppError INTERNAL where the thread failed
   */
  look(
    key: string,
    work: { begin: () => Promise<ScanRequest>; keep: (facts: HealthFacts) => Promise<void> },
    within_ms: number,
  ): Promise<ScanState>;
  close(): Promise<void>;
};

type Look = { rows_read: number; done: Promise<HealthFacts> };

export function createHealthScans(): HealthScans {
  const looks = new Map<string, Look>();
  let last: Promise<unknown> = Promise.resolve();
  let worker: Worker | null = null;
  let isClosed = false;

  function scan(request: ScanRequest, onRows: (rows: number) => void): Promise<HealthFacts> {
    const { promise, resolve, reject } = Promise.withResolvers<HealthFacts>();
    const thread = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: request,
      resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
    });
    worker = thread;
    thread.on('message', (message: WorkerMessage) => {
      if ('facts' in message) resolve(message.facts);
      else onRows(message.rows_read);
    });
    thread.on('error', (error: Error) =>
      reject(
        new AppError('INTERNAL', `The dataset could not be looked at: ${error.message}. Nothing is lost; try again.`),
      ),
    );
    thread.on('exit', () => reject(new AppError('INTERNAL', 'The look at the dataset was ended. Try again.')));
    return promise;
  }

  function start(key: string, { begin, keep }: Parameters<HealthScans['look']>[1]): Look {
    const look: Look = { rows_read: 0, done: Promise.resolve() as never };
    look.done = last.then(async () => {
      if (isClosed) throw new AppError('INTERNAL', 'The server is stopping. Try again.');
      const facts = await scan(await begin(), (rows) => {
        look.rows_read = rows;
      });
      await keep(facts);
      return facts;
    });
    last = look.done.catch(() => {});
    looks.set(key, look);
    look.done.then(
      () => looks.delete(key),
      () => setTimeout(() => looks.delete(key), FAILURE_KEPT_MS).unref(),
    );
    return look;
  }

  return {
    async look(key, work, within_ms) {
      const look = looks.get(key) ?? start(key, work);
      const { promise: late, resolve } = Promise.withResolvers<null>();
      const timer = setTimeout(() => resolve(null), within_ms);
      const facts = await Promise.race([look.done, late]).finally(() => clearTimeout(timer));
      return facts ? { facts } : { rows_read: look.rows_read };
    },
    async close() {
      isClosed = true;
      await worker?.terminate();
    },
  };
}
