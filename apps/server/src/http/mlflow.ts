import replyFrom from '@fastify/reply-from';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isSessionCookie } from '../access/cookie.ts';
import type { Services } from '../context.ts';
import { Refusal } from './refusal.ts';

const PREFIX = '/mlflow';
const LOOKING = ['GET', 'HEAD'];
/** Files that runs carry: shown as they are, they shall not act with the session of whoever looks. */
const ARTIFACT = /^\/mlflow\/(get-artifact|.*\/(get-trace-)?artifacts?(\/|\?|$))/;

/** What this server says itself: see headers.ts. */
const OURS = /^(set-cookie|x-frame-options|server|date|access-control-.*)$/i;

/** MLflow's pages and API below /mlflow, for those who have signed in. It never sees our cookie, key or origin. */
export function addMlflowProxy(app: FastifyInstance, services: Services): void {
  const upstream = new URL(services.env.MLFLOW_TRACKING_URI);
  const prefix = upstream.pathname.replace(/\/+$/, '');

  app.register(async (scope) => {
    await scope.register(replyFrom, {
      base: upstream.origin,
      disableRequestLogging: true,
      undici: { connections: 32, bodyTimeout: 300_000, headersTimeout: 60_000 },
    });
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

    scope.get(PREFIX, { config: { access: 'read' } }, (_request, reply) => reply.redirect(`${PREFIX}/`, 302));
    const forward = async (request: FastifyRequest, reply: FastifyReply) => {
      const path = request.url.split('?', 1)[0]!.slice(PREFIX.length);
      await reply.from(prefix + path, {
        retryDelay: () => null,
        rewriteRequestHeaders: (_request, headers) => withoutOurs(headers),
        rewriteHeaders: (headers) => {
          const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !OURS.test(name)));
          return ARTIFACT.test(request.url) ? { ...kept, 'content-security-policy': 'sandbox' } : kept;
        },
        onError: (answer) => refuse(answer as FastifyReply),
      });
      return reply;
    };
    scope.route({ method: LOOKING, url: `${PREFIX}/*`, config: { access: 'read' }, handler: forward });
    const changing = scope.supportedMethods.filter((method) => !LOOKING.includes(method));
    scope.route({ method: changing, url: `${PREFIX}/*`, config: { access: 'run' }, handler: forward });
  });
}

function refuse(reply: FastifyReply): void {
  const message =
    'MLflow does not answer: it is starting or has ended. Experiments run on, records are sent when it is back.';
  const isPage = (reply.request.headers.accept ?? '').includes('text/html');
  if (isPage) reply.code(503).header('retry-after', '3').type('text/plain; charset=utf-8').send(message);
  else reply.send(new Refusal('UNAVAILABLE', message));
}

function withoutOurs<H extends Record<string, unknown>>(headers: H): H {
  const { authorization: _key, origin: _origin, referer: _referer, cookie, ...rest } = headers;
  const cookies = (typeof cookie === 'string' ? cookie : '')
    .split(/; */)
    .filter((pair) => pair && !isSessionCookie(pair));
  return { ...rest, ...(cookies.length > 0 && { cookie: cookies.join('; ') }) } as unknown as H;
}
