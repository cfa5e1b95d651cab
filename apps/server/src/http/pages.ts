import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Services } from '../context.ts';
import { setNodeEnv } from '../env.ts';
import { pathOf, Refusal } from './refusal.ts';

type NextApp = {
  prepare(): Promise<void>;
  getRequestHandler(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  close(): Promise<void>;
};
type CreateNext = (options: {
  dev: boolean;
  dir: string;
  hostname: string;
  port: number;
  httpServer: EventEmitter;
}) => NextApp;

/** What the sign-in page is made of. */
const OPEN_PAGES = ['/sign-in', '/_next/static/*', '/icon.svg', '/favicon.ico'];
/** Next must not take one of them for another page. */
const DISGUISED = /%2e|%2f|%5c|\\|\/\/|\/\.\.?(\/|$)/i;

export type Pages = {
  /** Hands a WebSocket to Next's development server. */
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
};

/** Everything that is no other route is Next's: its pages, or none where there is no web folder. */
export function addPages(app: FastifyInstance, { env, log }: Services): Pages {
  const { TOUCHSTONE_WEB_DIR: dir, TOUCHSTONE_WEB_DEV: dev } = env;
  const sockets = new EventEmitter();
  let next: NextApp | null = null;
  let handle: ReturnType<NextApp['getRequestHandler']> | null = null;
  let failure = dir
    ? null
    : 'This server was started without pages (TOUCHSTONE_WEB_DIR is empty): it answers programs alone.';

  async function prepare(): Promise<void> {
    setNodeEnv(dev ? 'development' : 'production');
    const require = createRequire(`${dir}/package.json`);
    const loaded = require('next') as CreateNext | { default: CreateNext };
    const createNext = typeof loaded === 'function' ? loaded : loaded.default;
    // Without a server of its own to listen to, Next would take every upgrade past the guard.
    next = createNext({ dev, dir, hostname: env.TOUCHSTONE_HOST, port: env.TOUCHSTONE_PORT, httpServer: sockets });
    await next.prepare();
    handle = next.getRequestHandler();
  }

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (failure) throw new Refusal(dir ? 'UNAVAILABLE' : 'NOT_FOUND', failure);
    if (!handle) return sendStartingPage(reply);
    reply.hijack();
    try {
      await handle(request.raw, reply.raw);
    } catch (error) {
      log.error({ err: error, path: pathOf(request) }, 'page failed');
      if (!reply.raw.headersSent) reply.raw.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
      reply.raw.end('This page could not be made; the log of the server says why.');
    }
    return reply;
  }

  async function answerOpen(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (DISGUISED.test(pathOf(request))) throw new Refusal('NOT_FOUND', 'There is no such page.');
    return answer(request, reply);
  }

  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    for (const url of OPEN_PAGES) scope.get(url, { config: { access: 'open' } }, answerOpen);
    // Next's development mode also posts.
    scope.route({
      method: dev ? ['GET', 'HEAD', 'POST'] : ['GET', 'HEAD'],
      url: '/*',
      config: { access: 'read' },
      handler: answer,
    });
  });

  app.addHook('onListen', async () => {
    if (!dir) return;
    // In the background: programs are answered before the pages are ready.
    prepare().catch((error) => {
      failure =
        'The pages could not be loaded: stop and run `npm start`, which builds them. The log of the server says more.';
      log.error({ err: error }, 'the pages could not be loaded');
    });
  });
  app.addHook('onClose', async () => {
    await next?.close().catch(() => {});
  });

  return { upgrade: (request, socket, head) => sockets.emit('upgrade', request, socket, head) || socket.destroy() };
}

/** Loads itself again until the pages are there. */
function sendStartingPage(reply: FastifyReply): FastifyReply {
  return reply
    .code(503)
    .header('retry-after', '1')
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="1"><meta name="color-scheme" content="light dark"><title>Touchstone</title><body style="font:16px system-ui;margin:20vh auto;max-width:24rem"><p>Touchstone is starting. This page will be here in a moment.</p></body></html>`,
    );
}
