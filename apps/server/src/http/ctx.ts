import type { FastifyRequest } from 'fastify';
import type { Ctx, Services } from '../context.ts';
import { Refusal } from './refusal.ts';

/** What a route that somebody signed in for hands to a service. */
export function ctxOf(services: Services, { caller }: FastifyRequest): Ctx {
  if (!caller) throw new Refusal('UNAUTHORIZED', 'Sign in first: `npx touchstone login` prints a link.');
  return { ...services, user: caller.user, scope: caller.scope };
}
