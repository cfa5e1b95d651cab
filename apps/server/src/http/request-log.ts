import type { FastifyInstance } from 'fastify';
import type { Services } from '../context.ts';
import { pathOf } from './refusal.ts';

const SLOW_MS = 1000;

/**
 * One line a request: method, path, status and time. Never headers, bodies or queries: they hold keys and tokens. Pages ask
 * all the time: what only looks, works and is quick is told at `debug`.
 */
export function addRequestLog(app: FastifyInstance, log: Services['log']): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    const status = reply.raw.statusCode;
    const ms = Math.round(reply.elapsedTime);
    const isStream = String(reply.getHeader('content-type')).startsWith('text/event-stream');
    const level =
      status >= 500
        ? 'warn'
        : status >= 400 || (ms > SLOW_MS && !isStream) || (method !== 'GET' && method !== 'HEAD')
          ? 'info'
          : 'debug';
    log[level]({ method, path: pathOf(request), status, ms }, 'request');
  });
}
