import { fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import type { FastifyInstance } from 'fastify';
import type { RequestContext, Services } from '../context.ts';
import { appRouter } from '../router.ts';

/** The procedures below /trpc. The route lets in whoever may look; each procedure asks for the scope it needs. */
export function addTrpc(app: FastifyInstance, services: Services): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // tRPC parses it itself.
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    scope.all<{ Params: { path: string } }>('/trpc/:path', { config: { access: 'read' } }, async (req, res) => {
      const createContext = (): RequestContext => ({ ...services, caller: req.caller });
      await fastifyRequestHandler({ router: appRouter, createContext, req, res, path: req.params.path });
    });
  });
}
