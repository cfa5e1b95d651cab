/** How many calls at once each running job may make: what an endpoint takes, split over those that call it. Pure. */
import type { EndpointRecord } from '@touchstone/db';
import { type Control, MAX_FOUND_CONCURRENCY } from '@touchstone/schemas';
import { firstConcurrency } from './first-concurrency.ts';

/** A job that calls an endpoint. */
export type Caller = {
  id: string;
  base_url: string;
  secret: string | null;
  /** Calls at once that a person set for its model; null: none. */
  concurrency: number | null;
  /** What its control file says, or is about to; null: nothing yet. */
  granted: number | null;
  /** What its driver said last that it keeps to; null: nothing yet. */
  held: number | null;
};

export type Grant = Pick<Control, 'concurrency' | 'first_concurrency'>;

type Account = Pick<Caller, 'base_url' | 'secret'>;

/** Providers limit the calls of a key; a server of one's own those of everybody. */
const isSameAccount = (a: Account, b: Account) =>
  new URL(a.base_url).origin === new URL(b.base_url).origin && a.secret === b.secret;

const greatest = (numbers: (number | null)[]): number | null =>
  numbers.reduce((best, number) => (number === null ? best : Math.max(best ?? 0, number)), null);

/**
 * What one of the callers may do now. The limit is that of the registered endpoint, else the greatest that a person set for one of the models,
 * else as much as may be found by trying. A greater part than before is given only once the others are seen to keep to theirs, so that together
 * they stay within the limit meanwhile: one that comes may have to wait for the first. Where the limit is less than one for each, each gets one.
 */
export function grantFor(id: string, callers: readonly Caller[], endpoints: readonly EndpointRecord[]): Grant {
  const me = callers.find((caller) => caller.id === id)!;
  const sharing = callers.filter((caller) => isSameAccount(caller, me)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const registered = endpoints.filter((endpoint) => isSameAccount(endpoint, me));
  const own = greatest(registered.map(({ concurrency }) => concurrency));
  const limit = own ?? greatest(sharing.map(({ concurrency }) => concurrency)) ?? MAX_FOUND_CONCURRENCY;
  const shares = splitLimit(
    limit,
    sharing.map((caller) => caller.concurrency),
  );
  const others = sharing.filter((caller) => caller !== me);
  const taken = others.reduce((sum, { granted, held }) => sum + Math.max(granted ?? 0, held ?? 0), 0);
  const share = shares[sharing.indexOf(me)]!;
  const had = me.granted ?? 0;
  const least = limit < sharing.length ? 1 : 0;
  const concurrency = Math.max(least, share <= had ? share : Math.max(had, Math.min(share, limit - taken)));
  if (own !== null || me.concurrency !== null) return { concurrency, first_concurrency: null };
  const provider = registered.find((endpoint) => endpoint.provider !== null)?.provider ?? null;
  const seeking = sharing.filter((caller) => caller.concurrency === null).length;
  const first = Math.max(1, Math.floor(firstConcurrency(me.base_url, provider) / seeking));
  return { concurrency, first_concurrency: first };
}

/**
 * Equal parts of a limit; who wants less (null: as much as there is) leaves the rest to the others. Each gets at least one.
 * @returns the parts, in the order of `wants`
 */
export function splitLimit(limit: number, wants: readonly (number | null)[]): number[] {
  const parts = wants.map(() => 0);
  const modestFirst = wants
    .map((want, index) => ({ want: want ?? Number.POSITIVE_INFINITY, index }))
    .toSorted((a, b) => (a.want < b.want ? -1 : a.want > b.want ? 1 : a.index - b.index));
  let left = limit;
  modestFirst.forEach(({ want, index }, served) => {
    const equal = Math.ceil(left / (wants.length - served));
    parts[index] = Math.max(1, Math.min(want, equal));
    left = Math.max(0, left - parts[index]);
  });
  return parts;
}
