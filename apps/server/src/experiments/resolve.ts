import { type EndpointRecord, findSecretValue, listEndpoints, listPrices, type PriceRecord } from '@touchstone/db';
import {
  explainUnknown,
  isBaseline,
  isLocalModel,
  type ModelSettings,
  PROVIDERS,
  type ProviderId,
  paramsFor,
  priceOf,
  protocolOf,
  providerOf,
} from '@touchstone/schemas';
import type { Ctx } from '../context.ts';
import { judgeAddress } from '../endpoints/address.ts';
import { AppError } from '../errors.ts';
import { resolveLocalModel } from '../models/local.ts';
import { findPrice } from '../prices/find.ts';
import { secretNames } from './rules.ts';

/**
 * The models with everything that a run needs: what a registered endpoint stands for now, the provider's names of parameters, a price
 * (the one given, else that of the price table, else the catalogue's).
 * From here on an experiment does not change with its endpoints.
 * @throws AppError INVALID where an endpoint or a secret is not there or nothing may be at an address, FORBIDDEN where the caller may not use one
 */
export async function resolveModels(ctx: Ctx, models: readonly ModelSettings[]): Promise<ModelSettings[]> {
  const [endpoints, prices] = await Promise.all([listEndpoints(ctx.db), listPrices(ctx.db)]);
  const resolved = await Promise.all(
    models.map(async (model) => {
      if (isBaseline(model.model)) return model;
      if (isLocalModel(model)) return resolveLocalModel(ctx, model);
      const named = model.endpoint === undefined ? null : findNamed(endpoints, model.endpoint);
      const reachable = named ? withEndpoint(model, named) : model;
      if (!named) await checkOwnAddress(ctx, reachable, endpoints);
      return withProvider(reachable, named?.provider ?? providerOf(reachable.base_url!), prices);
    }),
  );
  await checkSecrets(ctx, secretNames(resolved));
  return resolved;
}

function findNamed(endpoints: readonly EndpointRecord[], name: string): EndpointRecord {
  const found = endpoints.find((endpoint) => endpoint.name === name);
  if (found) return found;
  const known = endpoints.map((endpoint) => endpoint.name);
  const hint = known.length > 0 ? explainUnknown(name, known) : 'None is registered yet.';
  throw new AppError('INVALID', `There is no endpoint "${name}". ${hint}`);
}

function withEndpoint(model: ModelSettings, { name, base_url, secret }: EndpointRecord): ModelSettings {
  const differs = (model.base_url ?? base_url) !== base_url || (model.secret ?? secret) !== secret;
  if (differs) {
    throw new AppError(
      'INVALID',
      `${model.name ?? model.model}: the endpoint "${name}" has another base_url or secret. Give either the endpoint, or base_url and secret.`,
    );
  }
  return { ...model, base_url, ...(secret !== null && { secret }) };
}

/** How the provider is spoken to, parameters as it calls them, and its price where the person gave none. */
function withProvider(
  model: ModelSettings,
  provider: ProviderId | null,
  prices: readonly PriceRecord[],
): ModelSettings {
  const price =
    model.price ??
    findPrice(prices, { provider, origin: new URL(model.base_url!).origin, model: model.model }) ??
    priceOf(provider, model.model);
  const protocol = model.protocol ?? protocolOf(provider);
  const lacking =
    provider === null ? [] : PROVIDERS[provider].lacks.filter((name) => model.params?.[name] !== undefined);
  if (lacking.length > 0) {
    const { label } = PROVIDERS[provider!];
    throw new AppError('INVALID', `${model.name ?? model.model}: ${label} has no ${lacking.join(', ')}: leave it out.`);
  }
  return {
    ...model,
    ...(protocol !== 'openai' && { protocol }),
    ...(model.params && { params: paramsFor(provider, model.params) }),
    ...(price && { price }),
  };
}

/**
 * An address that is not a registered endpoint's. A person may use any but the forbidden ones; an API key may neither reach into the
 * server's own network nor send a stored key where no owner or preset said that it belongs.
 */
async function checkOwnAddress(ctx: Ctx, model: ModelSettings, endpoints: readonly EndpointRecord[]): Promise<void> {
  const baseUrl = model.base_url!;
  const { origin } = new URL(baseUrl);
  const verdict = await judgeAddress(ctx.env, baseUrl);
  if (verdict.refused) throw new AppError('INVALID', `No endpoint can be at ${baseUrl}: ${verdict.refused}`);
  if (ctx.scope === 'owner') return;
  const registered = endpoints.filter((endpoint) => new URL(endpoint.base_url).origin === origin);
  const refuse = (what: string) =>
    new AppError(
      'FORBIDDEN',
      `${model.name ?? model.model}: ${what} An API key can do so only through a registered endpoint: Models, under Endpoints, adds one.`,
    );
  if (verdict.private && registered.length === 0) throw refuse(`${origin} is in the server's own network.`);
  const provider = providerOf(baseUrl);
  const isPreset = provider !== null && model.secret === PROVIDERS[provider].secret;
  if (model.secret !== undefined && !isPreset && !registered.some(({ secret }) => secret === model.secret))
    throw refuse(`the secret "${model.secret}" is not known to belong to ${origin}.`);
}

async function checkSecrets(ctx: Ctx, names: string[]): Promise<void> {
  for (const name of names) {
    if (!(await findSecretValue(ctx.db, name))) {
      throw new AppError(
        'INVALID',
        `There is no secret "${name}": store it in Settings, or with \`npx touchstone secrets set ${name}\`.`,
      );
    }
  }
}
