import type { FastifyInstance } from 'fastify';
import type { Endless } from './endless.ts';
import type { Origins } from './origins.ts';
import type { Pages } from './pages.ts';

/**
 * WebSockets are there for Next's development server alone, and from our own pages. The sign-in page needs one too, so
 * nobody has to have signed in: what comes through is code of the pages, and only while developing.
 */
export function addUpgrades(
  app: FastifyInstance,
  { origins, pages, endless }: { origins: Origins; pages: Pages; endless: Endless },
): void {
  app.server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {});
    const { host, origin } = request.headers;
    const isOurs = origins.isOurHost(host) && origin !== undefined && origins.isOurOrigin(origin);
    if (!isOurs || !request.url?.startsWith('/_next/')) {
      return socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
    }
    endless.add(socket);
    pages.upgrade(request, socket, head);
  });
}
