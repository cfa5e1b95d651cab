import type { FastifyInstance } from 'fastify';
import type { Services } from '../context.ts';
import { pathOf } from './refusal.ts';

/** One line a request: method, path, status and time. Never headers, bodies or queries: they hold keys and tokens. */
export function addRequestLog(app: FastifyInstance, log: Services['log']): void {
  app.addHook('onResponse', async (request, reply) => {
    const path = pathOf(request);
    const isQuiet = reply.raw.statusCode < 400 && (path.startsWith('/_next/') || path === '/health');
    log[isQuiet ? 'debug' : 'info'](
      { method: request.method, path, status: reply.raw.statusCode, ms: Math.round(reply.elapsedTime) },
      'request',
    );
  });
}
