import type { z } from 'zod';
import { TrackingError, type TrackingErrorKind } from '../errors.ts';
import { Failure } from './answers.ts';

export type MlflowHttpOptions = {
  /** MLflow's address with its static prefix, such as http://127.0.0.1:5000/mlflow; user:password@ is sent as Basic credentials. */
  url: string;
  /** For one answer. */
  timeout_ms: number;
};

export type Sent = {
  query?: Record<string, string>;
  json?: unknown;
  /** A body of exactly `size` bytes. */
  content?: { size: number; body: Uint8Array<ArrayBuffer> | string | AsyncIterable<Uint8Array> };
};

/** Requests to one MLflow server; paths are below its address. Errors are `TrackingError`. */
export interface MlflowHttp {
  get<T extends z.ZodType>(path: string, answer: T, query?: Record<string, string>): Promise<z.infer<T>>;
  post<T extends z.ZodType>(path: string, answer: T, json: unknown): Promise<z.infer<T>>;
  send(method: string, path: string, sent?: Sent): Promise<Buffer>;
}

export function createMlflowHttp({ url, timeout_ms }: MlflowHttpOptions): MlflowHttp {
  const { address, authorization } = parseAddress(url);

  async function send(method: string, path: string, { query, json, content }: Sent = {}): Promise<Buffer> {
    const target = new URL(address + path);
    for (const [name, value] of Object.entries(query ?? {})) target.searchParams.set(name, value);
    const headers = new Headers();
    if (authorization) headers.set('authorization', authorization);
    if (json !== undefined) headers.set('content-type', 'application/json');
    // MLflow below a static prefix takes a body without a length for an empty one, and says 200.
    if (content) headers.set('content-length', String(content.size));
    try {
      const response = await fetch(target, {
        method,
        headers,
        body: content ? content.body : json === undefined ? undefined : JSON.stringify(json),
        duplex: 'half',
        redirect: 'error',
        signal: AbortSignal.timeout(timeout_ms),
        // Node's fetch takes an AsyncIterable; the web app, which reads these types too, knows only the browser's.
      } as RequestInit);
      const bytes = Buffer.from(await response.arrayBuffer());
      if (!response.ok) throw fromAnswer(response.status, bytes.toString(), address);
      return bytes;
    } catch (cause) {
      throw fromFetchError(cause, address);
    }
  }

  const sendFor = async <T extends z.ZodType>(answer: T, method: string, path: string, sent: Sent) =>
    parse(answer, await send(method, path, sent), `${method} ${path}`);

  return {
    get: (path, answer, query) => sendFor(answer, 'GET', path, { query }),
    post: (path, answer, json) => sendFor(answer, 'POST', path, { json }),
    send,
  };
}

function parseAddress(url: string): { address: string; authorization: string | null } {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') {
    throw new TrackingError('refused', "MLflow's address begins with http:// or https://.");
  }
  const { username, password } = parsed;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    address: parsed.origin + parsed.pathname.replace(/\/+$/, ''),
    authorization: username || password ? `Basic ${Buffer.from(credentials).toString('base64')}` : null,
  };
}

function parse<T extends z.ZodType>(answer: T, bytes: Buffer, request: string): z.infer<T> {
  try {
    return answer.parse(JSON.parse(bytes.toString()));
  } catch (cause) {
    throw new TrackingError('malformed', `MLflow's answer to ${request} is not what is known of it.`, { cause });
  }
}

/** What `fetch` throws where there is no answer; an error of ours stays as it is. */
function fromFetchError(cause: unknown, address: string): TrackingError {
  if (cause instanceof TrackingError) return cause;
  if (cause instanceof DOMException && cause.name === 'TimeoutError') {
    return new TrackingError('timeout', `MLflow at ${address} did not answer in time.`, { cause });
  }
  return new TrackingError('unreachable', `MLflow at ${address} cannot be reached.`, { cause });
}

const KINDS: Record<string, TrackingErrorKind> = {
  RESOURCE_DOES_NOT_EXIST: 'gone',
  RESOURCE_ALREADY_EXISTS: 'conflict',
  UNAUTHENTICATED: 'unauthorized',
  PERMISSION_DENIED: 'unauthorized',
};

/** An answer other than 2xx. */
export function fromAnswer(status: number, text: string, address: string): TrackingError {
  const failure = parseFailure(text);
  if (!failure) {
    if (status === 401 || status === 403) {
      return new TrackingError('unauthorized', `MLflow at ${address} does not accept our credentials.`);
    }
    if (status === 404 || status === 405) {
      return new TrackingError('malformed', `There is no MLflow at ${address}: is the path prefix right?`);
    }
    return new TrackingError('failed', `MLflow at ${address} answered HTTP ${status}.`);
  }
  const message = `MLflow: ${failure.message.split('\n')[0]!.slice(0, 500)}`;
  const known = KINDS[failure.error_code];
  if (known) return new TrackingError(known, message);
  if (/must be in the 'active' state/.test(failure.message)) return new TrackingError('gone', message);
  return new TrackingError(status >= 500 || status === 429 ? 'failed' : 'refused', message);
}

function parseFailure(text: string) {
  try {
    return Failure.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
