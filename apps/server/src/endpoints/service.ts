import {
  countEndpointUses,
  deleteEndpoint,
  type EndpointRecord,
  findEndpoint,
  listEndpoints as findEndpoints,
  insertEndpoint,
  listSecrets,
  updateEndpoint as writeEndpoint,
} from '@touchstone/db';
import { type Endpoint, type EndpointSettings, protocolOf, providerOf } from '@touchstone/schemas';
import type { z } from 'zod';
import type { Ctx } from '../context.ts';
import { AppError, notFound } from '../errors.ts';
import { judgeAddress } from './address.ts';

type Settings = z.output<typeof EndpointSettings>;

export async function listEndpoints(ctx: Ctx): Promise<Endpoint[]> {
  const [endpoints, uses, secrets] = await Promise.all([
    findEndpoints(ctx.db),
    countEndpointUses(ctx.db),
    listSecrets(ctx.db),
  ]);
  const stored = new Set(secrets.map(({ name }) => name));
  return endpoints.map((endpoint) => toEndpoint(endpoint, stored, uses));
}

/** @throws AppError NOT_FOUND */
export async function getEndpointRecord({ db }: Pick<Ctx, 'db'>, name: string): Promise<EndpointRecord> {
  const endpoint = await findEndpoint(db, name);
  if (!endpoint) throw notFound('endpoint', `"${name}"`);
  return endpoint;
}

/** @throws AppError CONFLICT where the name is taken, INVALID where nothing may be at the address */
export async function createEndpoint(ctx: Ctx, { name, ...values }: Settings): Promise<Endpoint> {
  await checkAddress(ctx, values.base_url);
  const made = await insertEndpoint(ctx.db, name, values);
  if (!made)
    throw new AppError('CONFLICT', `There is an endpoint "${name}" already: choose another name, or edit that one.`);
  return present(ctx, made);
}

/** Experiments that were created keep the address and key that they were created with. */
export async function updateEndpoint(ctx: Ctx, { name, ...values }: Settings): Promise<Endpoint> {
  await checkAddress(ctx, values.base_url);
  const changed = await writeEndpoint(ctx.db, name, values);
  if (!changed) throw notFound('endpoint', `"${name}"`);
  return present(ctx, changed);
}

/** Experiments keep what they need of it: those that run go on, and those that are over can be resumed. */
export async function removeEndpoint(ctx: Ctx, name: string): Promise<{ name: string }> {
  if (!(await deleteEndpoint(ctx.db, name))) throw notFound('endpoint', `"${name}"`);
  return { name };
}

/** @throws AppError INVALID where nothing may be at this address */
async function checkAddress({ env }: Ctx, baseUrl: string): Promise<void> {
  const { refused } = await judgeAddress(env, baseUrl);
  if (refused) throw new AppError('INVALID', `No endpoint can be at ${baseUrl}: ${refused}`);
}

async function present(ctx: Ctx, endpoint: EndpointRecord): Promise<Endpoint> {
  const [secrets, uses] = await Promise.all([listSecrets(ctx.db), countEndpointUses(ctx.db, endpoint.name)]);
  return toEndpoint(endpoint, new Set(secrets.map(({ name }) => name)), uses);
}

function toEndpoint(
  endpoint: EndpointRecord,
  stored: ReadonlySet<string>,
  uses: ReadonlyMap<string, number>,
): Endpoint {
  return {
    ...endpoint,
    protocol: protocolOf(endpoint.provider ?? providerOf(endpoint.base_url)),
    secret_missing: endpoint.secret !== null && !stored.has(endpoint.secret),
    experiments: uses.get(endpoint.name) ?? 0,
    created_at: endpoint.created_at.toISOString(),
    updated_at: endpoint.updated_at.toISOString(),
  };
}
