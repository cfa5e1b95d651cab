import { object } from '@touchstone/schemas';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { cookieOptions, sessionCookie } from '../access/cookie.ts';
import { openSession } from '../access/service.ts';
import type { Services } from '../context.ts';
import { Refusal } from './refusal.ts';

const Body = object({ token: z.string().min(1).max(200) });

/** Spends a one-time link for a session. */
export function addSessionRoute(app: FastifyInstance, services: Services): void {
  app.post('/api/session', { config: { access: 'open' } }, async (request, reply) => {
    const { data } = Body.safeParse(request.body);
    if (!data) throw new Refusal('BAD_REQUEST', 'Send the token of a sign-in link: {"token": "…"}.');
    const session = await openSession(services, data.token);
    const { TOUCHSTONE_URL } = services.env;
    return reply.setCookie(sessionCookie(TOUCHSTONE_URL), session, cookieOptions(TOUCHSTONE_URL)).code(204).send();
  });
}
