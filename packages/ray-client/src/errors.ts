/**
 * - `unreachable`: nothing answers there · `timeout`: no answer in time · `failed`: Ray answered with an error of its own
 * - `unauthorized`: the token is missing or wrong · `refused`: Ray will never take this request as it is
 * - `duplicate`: a job with this submission id is there · `not_found`: Ray does not know the job
 * - `malformed`: an answer this client does not understand (another version of Ray)
 */
export type RayErrorKind =
  | 'unreachable'
  | 'timeout'
  | 'unauthorized'
  | 'refused'
  | 'duplicate'
  | 'not_found'
  | 'failed'
  | 'malformed';

/** Every error of this package. */
export class RayError extends Error {
  readonly kind: RayErrorKind;
  /** Whether Ray may have done what was asked all the same: then `get` the job before asking again. */
  readonly may_have_happened: boolean;

  constructor(kind: RayErrorKind, message: string, options?: ErrorOptions & { may_have_happened?: boolean }) {
    super(message, options);
    this.name = 'RayError';
    this.kind = kind;
    this.may_have_happened =
      options?.may_have_happened ?? ['timeout', 'failed', 'duplicate', 'malformed'].includes(kind);
  }
}

const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What `send` throws where there is no answer at all. */
export function fromHttpError(cause: unknown, address: string): RayError {
  if (cause instanceof DOMException && cause.name === 'TimeoutError') {
    return new RayError('timeout', `Ray at ${address} did not answer in time.`, { cause });
  }
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  return new RayError('unreachable', `Ray at ${address} cannot be reached${code ? ` (${code})` : ''}.`, {
    cause,
    may_have_happened: !(code && NEVER_SENT.has(code)),
  });
}

/** An answer other than 2xx. `text` is what Ray said: often a Python traceback, whose last line says why. */
export function fromStatus(status: number, text: string): RayError {
  const reason = lastWords(text) || `HTTP ${status}`;
  if (status === 401 || status === 403) {
    return new RayError('unauthorized', `Ray does not accept the token: ${reason}`);
  }
  if (status === 404) return new RayError('not_found', reason);
  if (/already exists/i.test(reason)) return new RayError('duplicate', reason);
  if (status < 500) return new RayError('refused', `Ray refused this: ${reason}`);
  return new RayError('failed', `Ray failed: ${reason}`);
}

/** The last line with words in it: a traceback's exception. */
function lastWords(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return (lines.findLast((line) => /[a-z]/i.test(line)) ?? '').slice(0, 500);
}
