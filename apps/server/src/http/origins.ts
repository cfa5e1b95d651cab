import type { IncomingHttpHeaders } from 'node:http';

/** The names under which this server may be asked: a page of another name that resolves to it (DNS rebinding) is refused. */
export type Origins = {
  isOurHost(host: string | undefined): boolean;
  isOurOrigin(origin: string): boolean;
};

/** `url`: the public address. `port`: where the server listens, asked at each request. */
export function createOrigins(url: string, port: () => number): Origins {
  const all = () =>
    [url, ...['127.0.0.1', 'localhost', '[::1]'].map((name) => `http://${name}:${port()}`)].map((one) => new URL(one));
  return {
    isOurHost: (host) => all().some((ours) => ours.host === host?.toLowerCase()),
    isOurOrigin: (origin) => all().some((ours) => ours.origin === origin.toLowerCase()),
  };
}

/** Whether a page of ours sent the request; null where it does not say, as programs do not. */
export function isFromOurPages(headers: IncomingHttpHeaders, origins: Origins): boolean | null {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  if (headers.origin !== undefined) return origins.isOurOrigin(headers.origin);
  return site === 'same-origin' ? true : null;
}
