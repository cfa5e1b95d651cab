import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** Connections that have no end of their own: cut when the server closes, and their clients connect again. */
export type Endless = { add(connection: Duplex): void };

/** Keeps the connections of live events, and those that are added. */
export function addEndless(app: FastifyInstance): Endless {
  const connections = new Set<Duplex>();
  const add = (connection: Duplex) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  };
  app.addHook('onSend', async (_request, reply, payload) => {
    const type = payload instanceof Response ? payload.headers.get('content-type') : null;
    if (type?.startsWith('text/event-stream') && reply.raw.socket) add(reply.raw.socket);
    return payload;
  });
  app.addHook('preClose', async () => {
    for (const connection of connections) connection.destroy();
  });
  return { add };
}
