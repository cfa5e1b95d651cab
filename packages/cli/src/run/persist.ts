import { setTimeout as sleep } from 'node:timers/promises';
import { TouchstoneError } from '@touchstone/client';
import type { Connection } from '../connection.ts';

const PATIENCE_MS = 120_000;
const PAUSE_MS = 500;

export type Persistence = {
  /** Made anew for each attempt: a server that was started again may have another address. */
  connect: () => Connection;
  /** Told once when the server stops answering, and once when it answers again. */
  note: (text: string) => void;
  signal: AbortSignal;
  patience_ms?: number;
  pause_ms?: number;
};

/** Its disk is full: a person has to make room. */
const NO_SPACE = 507;

/** Whether the server is away or on its way out or in, rather than saying no. */
function isOutage(error: unknown): boolean {
  return error instanceof TouchstoneError && (error.status === 0 || (error.status >= 500 && error.status !== NO_SPACE));
}

/** Calls again while the server is away, for up to two minutes: `call` must be something that may be repeated. */
export async function persist<T>(
  call: (connection: Connection) => Promise<T>,
  { connect, note, signal, patience_ms = PATIENCE_MS, pause_ms = PAUSE_MS }: Persistence,
): Promise<T> {
  let away_since: number | null = null;
  for (;;) {
    try {
      const result = await call(connect());
      if (away_since !== null) note('The server is back.');
      return result;
    } catch (error) {
      if (!isOutage(error)) throw error;
      if (away_since === null)
        note(`The server does not answer; trying again for ${Math.round(patience_ms / 60_000)} minutes.`);
      away_since ??= Date.now();
      if (Date.now() - away_since > patience_ms) throw error;
      await sleep(pause_ms, undefined, { signal });
    }
  }
}
