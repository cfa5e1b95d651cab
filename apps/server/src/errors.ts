import { StorageError } from '@touchstone/storage';
import { TRPCError } from '@trpc/server';

export type ErrorCode = 'NOT_FOUND' | 'INVALID' | 'CONFLICT' | 'FORBIDDEN' | 'UPSTREAM' | 'NO_SPACE' | 'INTERNAL';

/** A rule was broken; the message says what the person can do. */
export class AppError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export const notFound = (noun: string, id: string) =>
  new AppError('NOT_FOUND', `There is no ${noun} ${id}: it may have been deleted.`);

/** What a person is told of this error; null where it is none that was foreseen. Storage that is away is. */
export function toAppError(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (!(error instanceof StorageError) || error.kind === 'invalid' || error.kind === 'not_found') return null;
  if (error.kind === 'full') return new AppError('NO_SPACE', error.message);
  return new AppError('UPSTREAM', `Files cannot be read or written: ${error.message}`);
}

const TRPC_CODES = {
  NOT_FOUND: 'NOT_FOUND',
  INVALID: 'BAD_REQUEST',
  CONFLICT: 'CONFLICT',
  FORBIDDEN: 'FORBIDDEN',
  UPSTREAM: 'BAD_GATEWAY',
  NO_SPACE: 'SERVICE_UNAVAILABLE',
  INTERNAL: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<ErrorCode, TRPCError['code']>;

const HTTP_STATUS = {
  NOT_FOUND: 404,
  INVALID: 422,
  CONFLICT: 409,
  FORBIDDEN: 403,
  UPSTREAM: 502,
  NO_SPACE: 507,
  INTERNAL: 500,
} as const;

export function httpStatus(code: ErrorCode): number {
  return HTTP_STATUS[code];
}

export function toTrpcError(error: AppError): TRPCError {
  return new TRPCError({ code: TRPC_CODES[error.code], message: error.message, cause: error });
}
