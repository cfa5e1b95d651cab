import type { Scope } from '@touchstone/schemas';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { cookieOptions, sessionCookie } from '../access/cookie.ts';
import { explainMissingScope, hasScope } from '../access/scope.ts';
import { findApiKeyCaller, findSessionCaller } from '../access/service.ts';
import type { Caller, Services } from '../context.ts';
import { isFromOurPages, type Origins } from './origins.ts';
import { isPage, Refusal } from './refusal.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null on open routes alone. */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** Who is answered: everybody, or who has at least this scope. A route without it is refused at start. */
    access?: 'open' | Scope;
    /** Answers under any host name, for the health checks of a load balancer. */
    any_host?: true;
  }
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The one door: of every route, also those that do not exist, only what is marked `open` answers without credentials. */
export function addGuard(app: FastifyInstance, services: Services, origins: Origins): void {
  app.decorateRequest('caller', null);
  app.addHook('onRoute', ({ method, url, config }) => {
    if (!config?.access) throw new Error(`${String(method)} ${url} does not say who may ask for it: config.access`);
  });
  app.addHook('onRequest', async (request, reply) => {
    // What does not exist is told to whoever may look.
    const { access = 'read', any_host } = request.routeOptions.config;
    if (!any_host && !origins.isOurHost(request.headers.host)) {
      throw new Refusal(
        'FORBIDDEN',
        `This server is asked under another name than its own, which is ${services.env.TOUCHSTONE_URL}.`,
      );
    }
    const isOurs = isFromOurPages(request.headers, origins);
    if (access === 'open') {
      if (!READING.has(request.method) && isOurs === false) throw fromElsewhere();
      return;
    }
    request.caller = await identify(request, reply, services);
    if (request.caller === null) return refuseStranger(request, reply);
    if (request.caller.via === 'session' && !READING.has(request.method) && isOurs !== true) throw fromElsewhere();
    if (!hasScope(request.caller, access)) throw new Refusal('FORBIDDEN', explainMissingScope(request.caller, access));
  });
}

const fromElsewhere = () => new Refusal('FORBIDDEN', 'This request did not come from a page of Touchstone.');

/** Who asks, by API key or by session. */
async function identify(request: FastifyRequest, reply: FastifyReply, services: Services): Promise<Caller | null> {
  const bearer = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const cookieName = sessionCookie(services.env.TOUCHSTONE_URL);
  const cookie = request.cookies[cookieName];
  const { maxAge: _, ...cookieScope } = cookieOptions(services.env.TOUCHSTONE_URL);
  const find = async () => {
    if (bearer !== undefined) return findApiKeyCaller(services, bearer);
    if (cookie) return findSessionCaller(services, cookie, () => void reply.clearCookie(cookieName, cookieScope));
    return null;
  };
  const found = await find().catch((error) => {
    services.log.error({ err: error }, 'credentials could not be checked');
    throw new Refusal('UNAVAILABLE', 'The database does not answer. Running jobs go on; try again in a moment.');
  });
  if (found === 'expired') {
    throw new Refusal('UNAUTHORIZED', 'This API key has expired. Make a new one in Settings, under API keys.');
  }
  return found;
}

/** Pages lead to the sign-in page and back; everything else is told in JSON. */
function refuseStranger(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (isPage(request)) return reply.redirect(`/sign-in?next=${encodeURIComponent(request.url)}`, 302);
  throw new Refusal(
    'UNAUTHORIZED',
    request.headers.authorization
      ? 'This API key is not known here: it was revoked, or is for another instance. Settings, under API keys, shows which there are.'
      : 'Sign in first: `npx touchstone login` prints a link. Programs send an API key: Authorization: Bearer tsk_…',
  );
}
