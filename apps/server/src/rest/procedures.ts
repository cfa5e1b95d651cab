import type { Scope } from '@touchstone/schemas';
import { z } from 'zod';
import { appRouter } from '../router.ts';
import type { Meta } from '../trpc.ts';
import type { RestRoute } from './document.ts';

/** A procedure as a route below /api. */
export type ProcedureRoute = RestRoute & { call: string[] };

type Definition = {
  type: 'query' | 'mutation' | 'subscription';
  inputs: unknown[];
  output?: unknown;
  meta?: Meta;
};

/** Every procedure but the subscriptions. @throws Error where one does not say how it is asked for, or takes what no route can */
export function listProcedureRoutes(): ProcedureRoute[] {
  const procedures = appRouter._def.procedures as unknown as Record<string, { _def: Definition }>;
  return Object.entries(procedures)
    .filter(([, { _def }]) => _def.type !== 'subscription')
    .map(([id, { _def }]) => toRoute(id, _def));
}

function toRoute(id: string, { type, inputs, output, meta }: Definition): ProcedureRoute {
  if (!meta?.openapi) throw new Error(`The procedure ${id} does not say how it is asked for: .meta({ openapi: … })`);
  const { method, path, summary, status } = meta.openapi;
  if ((method === 'GET') !== (type === 'query')) throw new Error(`The procedure ${id} is a ${type}, not for ${method}`);
  const [input = null] = inputs;
  if (inputs.length > 1 || !(input === null || input instanceof z.ZodObject))
    throw new Error(`The input of the procedure ${id} is no object`);
  if (!(output instanceof z.ZodType)) throw new Error(`The procedure ${id} has no output`);
  return {
    method,
    url: path.replace(/\{(\w+)\}/g, ':$1'),
    access: meta.scope as Scope,
    call: id.split('.'),
    operation: {
      id,
      summary,
      input: input as z.ZodObject | null,
      output: output instanceof z.ZodVoid ? { status: 204 } : { status: status ?? 200, shape: output },
    },
  };
}
