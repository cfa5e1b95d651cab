import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { httpStatus, toAppError } from '../errors.ts';

const STATUS = {
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  TOO_LARGE: 413,
  BAD_REQUEST: 400,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  UNAVAILABLE: 503,
  INTERNAL: 500,
} as const;
type RefusalCode = keyof typeof STATUS;

/** Refused before anything was done; `message` says what the person can do. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

const TRPC_CODE = {
  UNAUTHORIZED: 'UNAUTHORIZED',
  FORBIDDEN: 'FORBIDDEN',
  TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  BAD_REQUEST: 'BAD_REQUEST',
  NOT_FOUND: 'NOT_FOUND',
  METHOD_NOT_ALLOWED: 'METHOD_NOT_SUPPORTED',
  UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  INTERNAL: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<RefusalCode, keyof typeof TRPC_ERROR_CODES_BY_KEY>;

/** The path that was asked for, without the query. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!;
}

/** Whether a person opens a page, and no program asks. */
export function isPage(request: FastifyRequest): boolean {
  const isApi = /^\/(api\/|trpc(\/|$))/.test(pathOf(request));
  return !isApi && ['GET', 'HEAD'].includes(request.method) && (request.headers.accept ?? '').includes('text/html');
}

/** Comes before any of the app's pages could: it says what is the matter and looks again by itself. */
function waitingPage(message: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>Touchstone</title>
<style>:root{color-scheme:light dark}body{font:14px/1.5 system-ui;margin:15vh auto;max-width:60ch;padding:0 16px}</style>
<h1 style="font-size:18px">Touchstone waits</h1><p role="status">${message} This page looks again every five seconds.</p></html>`;
}

/** The body of an error: what tRPC's clients understand where they asked, else `{"error": {"code", "message"}}`. */
function errorBody(request: FastifyRequest, code: RefusalCode, message: string) {
  if (!pathOf(request).startsWith('/trpc/')) return { error: { code, message } };
  const data = { code: TRPC_CODE[code], httpStatus: STATUS[code] };
  return { error: { message, code: TRPC_ERROR_CODES_BY_KEY[TRPC_CODE[code]], data } };
}

/** What a route threw, as an answer. Rules that were broken keep their words; anything unforeseen is logged and replaced. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const told = toAppError(error);
  if (told && told.code !== 'INTERNAL') {
    return reply.code(httpStatus(told.code)).send({ error: { code: told.code, message: told.message } });
  }
  const refusal = toRefusal(error);
  if (refusal.code === 'INTERNAL') {
    request.log.error({ err: error, method: request.method, path: pathOf(request) }, 'request failed');
  }
  if (refusal.code === 'UNAVAILABLE' && isPage(request)) {
    return reply.code(STATUS.UNAVAILABLE).type('text/html; charset=utf-8').send(waitingPage(refusal.message));
  }
  return reply.code(STATUS[refusal.code]).send(errorBody(request, refusal.code, refusal.message));
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const status = (error as { statusCode?: unknown }).statusCode;
  if (status === 413) return new Refusal('TOO_LARGE', 'The request is larger than this route accepts.');
  // Fastify's own words about a request it cannot read.
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new Refusal('BAD_REQUEST', (error as Error).message);
  }
  return new Refusal(
    'INTERNAL',
    'Something went wrong in the server; its log says what. Nothing that was acknowledged is lost.',
  );
}
