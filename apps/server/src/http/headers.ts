import type { FastifyInstance } from 'fastify';
import { pathOf } from './refusal.ts';

const COMMON = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Next writes inline scripts into its pages, and its development mode evaluates code. */
function pagePolicy(isDev: boolean): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'unsafe-inline'${isDev ? " 'unsafe-eval'" : ''}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** MLflow's pages are its own; they load and tell nothing from or to elsewhere, its usage statistics included. */
const MLFLOW_POLICY = [
  "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join('; ');

/** On every answer, whoever writes it: Fastify, tRPC, Next or MLflow. */
export function addSecurityHeaders(app: FastifyInstance, { isDev }: { isDev: boolean }): void {
  const policy = pagePolicy(isDev);
  app.addHook('onRequest', async (request, reply) => {
    for (const [name, value] of Object.entries(COMMON)) reply.raw.setHeader(name, value);
    const path = pathOf(request);
    reply.raw.setHeader('content-security-policy', /^\/mlflow(\/|$)/.test(path) ? MLFLOW_POLICY : policy);
    if (/^\/(api|trpc)\//.test(path)) reply.raw.setHeader('cache-control', 'no-store');
  });
}
