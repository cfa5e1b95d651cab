import { explainError } from '@touchstone/schemas';
import { TRPCError } from '@trpc/server';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ZodError } from 'zod';
import type { Services } from '../context.ts';
import { AppError } from '../errors.ts';
import { pathOf, Refusal } from '../http/refusal.ts';
import { appRouter } from '../router.ts';
import { createCallerFactory } from '../trpc.ts';
import { describeApi, hasQuery, type RestRoute } from './document.ts';
import { listProcedureRoutes, type ProcedureRoute } from './procedures.ts';
import { createQueryReader } from './query.ts';

const createCaller = createCallerFactory(appRouter);

/** Every procedure as a route below /api, and the document that describes these and the routes that carry files. */
export function addRest(app: FastifyInstance, services: Services): void {
  const described: RestRoute[] = [];
  app.addHook('onRoute', ({ method, url, config }) => {
    if (!config?.operation || typeof method !== 'string' || method === 'HEAD') return;
    described.push({ method, url, access: config.access as RestRoute['access'], operation: config.operation });
  });

  let document: string | null = null;
  app.get('/api/openapi.json', { config: { access: 'read' } }, async (_request, reply) => {
    document ??= JSON.stringify(describeApi(described));
    return reply.type('application/json').send(document);
  });

  // Not the pages' answer: who asks here is a program.
  app.all('/api/*', { config: { access: 'read' } }, async (request, reply) => {
    const path = pathOf(request);
    const methods = described.filter((route) => patternOf(route).test(path)).map(({ method }) => method);
    if (methods.length === 0) throw new Refusal('NOT_FOUND', 'There is nothing at this address.');
    reply.header('allow', methods.join(', '));
    throw new Refusal('METHOD_NOT_ALLOWED', `This address takes ${methods.join(' and ')}.`);
  });

  app.register(async (scope) => {
    const parseJson = scope.getDefaultJsonParser('error', 'error');
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
      // Many a client names the type of a body that it does not send.
      if (body === '') done(null, undefined);
      else void parseJson(request, body as string, done);
    });
    for (const route of listProcedureRoutes()) {
      const { method, url, access, operation } = route;
      const read = createInputReader(route);
      scope.route({
        method,
        url,
        config: { access, operation },
        handler: async (request, reply) => {
          const answer = await call(route, services, request, read(request));
          return reply.code(operation.output.status).send(answer);
        },
      });
    }
  });
}

const patternOf = ({ url }: RestRoute) => new RegExp(`^${url.replace(/:\w+/g, '[^/]+')}$`);

/** The fields of the address, with those of the query or the body. */
function createInputReader(route: ProcedureRoute): (request: FastifyRequest) => unknown {
  const { input } = route.operation;
  if (input === null) return () => undefined;
  const readQuery = hasQuery(route) ? createQueryReader(input) : null;
  return (request) => {
    const params = request.params as Record<string, string>;
    const fields = readQuery ? readQuery(request.query as Record<string, unknown>) : bodyOf(request);
    const twice = Object.keys(params).find((name) => Object.hasOwn(fields, name));
    if (twice) throw new AppError('INVALID', `${twice}: the address has it already.`);
    return { ...fields, ...params };
  };
}

function bodyOf({ body = {} }: FastifyRequest): object {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  throw new AppError('INVALID', 'Send a JSON object.');
}

async function call(route: ProcedureRoute, services: Services, request: FastifyRequest, input: unknown) {
  const caller: unknown = createCaller({ ...services, caller: request.caller });
  const procedure = route.call.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], caller);
  try {
    return await (procedure as (input: unknown) => Promise<unknown>)(input);
  } catch (error) {
    throw error instanceof TRPCError ? toPlainError(error) : error;
  }
}

/** What the plain routes throw in the same case. */
function toPlainError({ cause, code, message }: TRPCError): Error {
  if (cause instanceof AppError) return cause;
  if (cause instanceof ZodError && code === 'BAD_REQUEST') return new AppError('INVALID', explainError(cause));
  if (code === 'FORBIDDEN' || code === 'UNAUTHORIZED') return new Refusal(code, message);
  return new Refusal('INTERNAL', message);
}
