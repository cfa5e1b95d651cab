import { TRPCClientError } from '@trpc/client';

/** `NOT_FOUND`, `BAD_REQUEST`, …, as the server names them; `UNREACHABLE`: no answer; `BAD_ANSWER`: an answer that is not Touchstone's. */
export type ErrorCode = 'UNREACHABLE' | 'BAD_ANSWER' | (string & {});

/** Anything that goes wrong between this client and the server; the message is for a person. */
export class TouchstoneError extends Error {
  override readonly name = 'TouchstoneError';
  readonly code: ErrorCode;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;

  constructor(code: ErrorCode, message: string, status: number, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = status;
  }
}

type ProcedureErrorData = { code?: unknown; httpStatus?: unknown };

/** What a procedure call threw, as a TouchstoneError; a call that its own caller gave up stays an AbortError. */
export function fromProcedureError(error: unknown, url: string): unknown {
  if (!(error instanceof TRPCClientError)) return error;
  const { code, httpStatus } = (error.data ?? {}) as ProcedureErrorData;
  if (typeof code === 'string' && typeof httpStatus === 'number') {
    return new TouchstoneError(code, error.message, httpStatus, { cause: error });
  }
  const { cause } = error;
  if (cause instanceof TouchstoneError || cause?.name === 'AbortError') return cause;
  return unreachable(url, cause ?? error);
}

/** What `fetch` threw. */
export function fromFetchError(error: unknown, url: string): unknown {
  if (error instanceof Error && error.name === 'AbortError') return error;
  return unreachable(url, error);
}

/** An answer of a plain route that is not a success: `{"error": {"code", "message"}}`. */
export async function fromResponse(response: Response, url: string): Promise<TouchstoneError> {
  const body: unknown = await response.json().catch(() => null);
  const { code, message } = ((body as { error?: unknown } | null)?.error ?? {}) as {
    code?: unknown;
    message?: unknown;
  };
  return typeof code === 'string' && typeof message === 'string'
    ? new TouchstoneError(code, message, response.status)
    : notTouchstone(url, response.status);
}

/** Whatever answered, it was not Touchstone: a proxy, the wrong address. */
export function notTouchstone(url: string, status: number): TouchstoneError {
  return new TouchstoneError('BAD_ANSWER', `${url} answered with HTTP ${status}, and not as Touchstone does.`, status);
}

function unreachable(url: string, cause: unknown): TouchstoneError {
  return new TouchstoneError('UNREACHABLE', `Touchstone does not answer at ${url} (${explainCause(cause)}).`, 0, {
    cause,
  });
}

/** `connect ECONNREFUSED 127.0.0.1:4300` says more than the `fetch failed` around it. */
function explainCause(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  if (!(innermost instanceof Error)) return String(innermost);
  const { code } = innermost as NodeJS.ErrnoException;
  return innermost.message || code || innermost.name;
}
