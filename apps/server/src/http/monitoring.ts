import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Services } from '../context.ts';
import { createMetrics } from '../monitoring/metrics.ts';
import { getReadiness } from '../monitoring/readiness.ts';
import { appRouter } from '../router.ts';
import { VERSION } from '../version.ts';
import { pathOf } from './refusal.ts';

/** `/health`: this process lives. `/ready`: it can serve. `/metrics`: what there is to measure, for who may look. */
export function addMonitoring(app: FastifyInstance, services: Services): void {
  const open = { access: 'open', any_host: true } as const;
  app.get('/health', { config: open }, async () => ({ status: 'ok', version: VERSION }));
  app.get('/ready', { config: open }, async (_request, reply) => {
    const { ready, degraded } = await getReadiness(services);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not_ready', degraded });
  });
  const metrics = createMetrics(services);
  app.get('/metrics', { config: { access: 'read', any_host: true } }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.render()),
  );
  app.addHook('onResponse', async (request, reply) => {
    if (String(reply.getHeader('content-type')).startsWith('text/event-stream')) return;
    const labels = { method: request.method, route: routeOf(request), status: reply.raw.statusCode };
    services.meter.http_seconds.observe(labels, reply.elapsedTime / 1000);
  });
}

/** One of the routes or procedures there are, never what somebody typed. */
function routeOf(request: FastifyRequest): string {
  const { url = 'none' } = request.routeOptions;
  if (url !== '/trpc/:path') return url;
  const name = pathOf(request).slice('/trpc/'.length);
  return Object.hasOwn(appRouter._def.procedures, name) ? `/trpc/${name}` : '/trpc/batch';
}
