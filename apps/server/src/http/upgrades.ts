import type { FastifyInstance } from 'fastify';
import { SESSION_COOKIE } from '../access/cookie.ts';
import { findSessionCaller } from '../access/service.ts';
import type { Services } from '../context.ts';
import type { Endless } from './endless.ts';
import type { Origins } from './origins.ts';
import type { Pages } from './pages.ts';

/** WebSockets are there for Next's development server alone: from our pages, for those who have signed in. */
export function addUpgrades(
  app: FastifyInstance,
  services: Services,
  { origins, pages, endless }: { origins: Origins; pages: Pages; endless: Endless },
): void {
  app.server.on('upgrade', async (request, socket, head) => {
    socket.on('error', () => {});
    const { host, origin, cookie = '' } = request.headers;
    const token = app.parseCookie(cookie)[SESSION_COOKIE];
    const isOurs = origins.isOurHost(host) && origin !== undefined && origins.isOurOrigin(origin);
    const caller =
      isOurs && token && request.url?.startsWith('/_next/')
        ? await findSessionCaller(services, token, () => {}).catch(() => null)
        : null;
    if (!caller) return socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
    endless.add(socket);
    pages.upgrade(request, socket, head);
  });
}
