import { isIP } from 'node:net';
import { DEFAULT_CONCURRENCY, LOCAL_CONCURRENCY, PROVIDERS, type ProviderId, providerOf } from '@touchstone/schemas';
import { hostOf, isPrivate } from './address.ts';

/** Calls at once to begin with where nobody set a number: the provider's, else fewer for a server of one's own, which queues what it cannot run. */
export function firstConcurrency(base_url: string, registeredAs: ProviderId | null): number {
  const provider = registeredAs ?? providerOf(base_url);
  if (provider !== null) return PROVIDERS[provider].concurrency;
  return isOwnNetwork(hostOf(new URL(base_url))) ? LOCAL_CONCURRENCY : DEFAULT_CONCURRENCY;
}

/** As far as the name itself tells: `localhost`, `gpu-box`, `10.0.0.7`. */
function isOwnNetwork(host: string): boolean {
  return isIP(host) ? isPrivate(host) : !host.includes('.') || host.endsWith('.local');
}
