import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** Answers that have no end (live events, WebSockets) are cut when the server closes; their clients connect again. */
export function addStreamCut(app: FastifyInstance): { add(stream: Duplex): void } {
  const open = new Set<Duplex>();
  const add = (stream: Duplex) => {
    open.add(stream);
    stream.once('close', () => open.delete(stream));
  };
  app.addHook('onSend', async (_request, reply, payload) => {
    const isEventStream = String(reply.getHeader('content-type') ?? '').startsWith('text/event-stream');
    if (isEventStream && reply.raw.socket) add(reply.raw.socket);
    return payload;
  });
  app.addHook('preClose', async () => {
    for (const stream of open) stream.destroy();
  });
  return { add };
}
