/** One short call to an endpoint: within ten seconds, to no address that is forbidden, without redirects. */
import dns from 'node:dns';
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { EndpointProblem, Protocol } from '@touchstone/schemas';
import { type Env, proxyVariables } from '../env.ts';
import { VERSION } from '../version.ts';
import { findOwnServices, hostOf, isPrivate, type OwnService, portOf, refuseAddress } from './address.ts';

const DEADLINE_MS = 10_000;
const MAX_BYTES = 10_000_000;
/** A shorter key is no secret ("none", "ollama"), and would be found in harmless text. */
const MIN_SECRET_LENGTH = 8;

export type Call = { method: 'GET' | 'POST'; url: URL; protocol: Protocol; secret: string | null; body?: object };
/** Without the key, wherever the endpoint may have put it. `latency_ms`: from the request sent to the last byte. */
export type Answer = { status: number; location: string | null; text: string; latency_ms: number };

/** No answer came, for this reason. */
export class CallError extends Error {
  readonly problem: EndpointProblem;
  constructor(problem: EndpointProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** @throws CallError */
export async function callEndpoint(
  env: Env,
  { method, url, protocol, secret, body }: Call,
  deadline_ms = DEADLINE_MS,
): Promise<Answer> {
  const own = await findOwnServices(env);
  const host = hostOf(url);
  const refused = isIP(host) ? refuseAddress(host, portOf(url), own) : null;
  if (refused) throw new CallError({ code: 'address_refused', message: refused });

  const isTls = url.protocol === 'https:';
  // Requests to this machine and its network go straight, as those of jobs do.
  const isNear = host === 'localhost' || (isIP(host) !== 0 && isPrivate(host));
  const agent = new (isTls ? HttpsAgent : HttpAgent)({ proxyEnv: isNear ? undefined : proxyVariables() });
  const signal = AbortSignal.timeout(deadline_ms);
  const redact = redactor(secret);
  try {
    return await new Promise<Answer>((resolve, reject) => {
      let sentAt = performance.now();
      const request = (isTls ? requestHttps : requestHttp)(
        url,
        {
          method,
          agent,
          signal,
          lookup: guardedLookup(own, portOf(url)),
          headers: {
            accept: 'application/json',
            'accept-encoding': 'identity',
            'user-agent': `touchstone/${VERSION}`,
            ...(body && { 'content-type': 'application/json' }),
            ...keyHeaders(protocol, secret),
          },
        },
        (response) => {
          const parts: Buffer[] = [];
          let size = 0;
          response.on('data', (part: Buffer) => {
            size += part.length;
            if (size > MAX_BYTES) response.destroy(Object.assign(new Error('too large'), { code: 'TOO_LARGE' }));
            else parts.push(part);
          });
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode!,
              location: response.headers.location === undefined ? null : redact(response.headers.location),
              text: redact(Buffer.concat(parts).toString()),
              latency_ms: performance.now() - sentAt,
            }),
          );
        },
      );
      request.on('finish', () => {
        sentAt = performance.now();
      });
      request.on('error', reject);
      request.end(body && JSON.stringify(body));
    });
  } catch (error) {
    throw new CallError(signal.aborted ? timedOut(url, deadline_ms) : explainNetworkError(error, url));
  } finally {
    agent.destroy();
  }
}

function keyHeaders(protocol: Protocol, secret: string | null): Record<string, string> {
  if (protocol === 'anthropic') {
    return { 'anthropic-version': '2023-06-01', ...(secret !== null && { 'x-api-key': secret }) };
  }
  return secret === null ? {} : { authorization: `Bearer ${secret}` };
}

/** Refuses by what the name stands for when the connection is made, so that it cannot stand for something else a moment later. */
function guardedLookup(own: readonly OwnService[], port: number): LookupFunction {
  return (hostname, options, callback) =>
    dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, [], 0);
      for (const { address } of addresses) {
        const refused = refuseAddress(address, port, own);
        if (refused) return callback(Object.assign(new Error(refused), { code: 'ADDRESS_REFUSED' }), [], 0);
      }
      if (options.all) return callback(null, addresses);
      callback(null, addresses[0]!.address, addresses[0]!.family);
    });
}

/** The key as it may be echoed: as it is, in JSON, in an address. */
function redactor(secret: string | null): (text: string) => string {
  if (secret === null || secret.length < MIN_SECRET_LENGTH) return (text) => text;
  const escaped = JSON.stringify(secret).slice(1, -1);
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  const forms = [secret, escaped, escaped.replaceAll('/', '\\/'), encodeURIComponent(secret), base64];
  return (text) => [...new Set(forms)].reduce((rest, form) => rest.replaceAll(form, '[redacted]'), text);
}

const timedOut = ({ origin }: URL, deadline_ms: number): EndpointProblem => ({
  code: 'timeout',
  message: `${origin} gave no complete answer within ${deadline_ms / 1000} seconds. Is a firewall in between, or does the server still load its model?`,
});

/** What a connection that failed means. */
export function explainNetworkError(error: unknown, { origin, hostname, protocol }: URL): EndpointProblem {
  // Of several addresses that were tried, the first says as much as any.
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const { code = '', message } = first as NodeJS.ErrnoException;
  if (code === 'ADDRESS_REFUSED') return { code: 'address_refused', message };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return { code: 'dns', message: `There is no host "${hostname}": is it spelt right, and is this server online?` };
  }
  if (code === 'ECONNREFUSED') {
    return {
      code: 'connection_refused',
      message: `Nothing listens at ${origin}: is the server started, on this port?`,
    };
  }
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'ETIMEDOUT') {
    return { code: 'unreachable', message: `${hostname} cannot be reached from this server's network.` };
  }
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    return { code: 'tls', message: `${origin} does not speak TLS: does its address start with http://?` };
  }
  if (/CERT|SIGNATURE|SELF_SIGNED|ISSUER|ALTNAME/.test(code)) {
    return { code: 'tls', message: `The certificate of ${hostname} is not trusted (${message}).` };
  }
  if (code === 'TOO_LARGE') {
    return { code: 'not_compatible', message: `The answer is larger than ${MAX_BYTES / 1_000_000} MB.` };
  }
  if (code.startsWith('HPE_')) {
    return {
      code: 'not_compatible',
      message: `What listens at ${origin} does not speak HTTP${protocol === 'http:' ? ': does its address start with https://?' : '.'}`,
    };
  }
  return { code: 'unreachable', message: `The connection to ${origin} broke off (${message || code}).` };
}
