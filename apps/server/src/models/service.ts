import { listEndpoints, listPrices, listSecrets, type PriceRecord } from '@touchstone/db';
import {
  CATALOGUE,
  type DatedPrice,
  isHourly,
  PROVIDERS,
  providerOf,
  type SuggestedModel,
  type TaskName,
} from '@touchstone/schemas';
import type { Ctx } from '../context.ts';
import { hasLocalModels } from './local.ts';

/** The catalogue, with what each model still needs here. */
export async function listModels(
  { db, env }: Ctx,
  { task }: { task?: TaskName | undefined },
): Promise<SuggestedModel[]> {
  const [secrets, endpoints, prices] = await Promise.all([listSecrets(db), listEndpoints(db), listPrices(db)]);
  const stored = new Set(secrets.map(({ name }) => name));
  return CATALOGUE.filter(({ tasks }) => task === undefined || tasks.includes(task)).map((model) => ({
    ...model,
    local: model.local && { ...model.local, missing: !hasLocalModels(env) },
    routes: model.routes.map((route) => {
      const { secret } = PROVIDERS[route.provider];
      return {
        ...route,
        price: ownPrice(prices, route) ?? route.price,
        secret: secret === null ? null : { name: secret, missing: !stored.has(secret) },
        endpoints: endpoints
          .filter(({ provider, base_url }) => (provider ?? providerOf(base_url)) === route.provider)
          .map(({ name }) => name),
      };
    }),
  }));
}

/** What the table of this instance says instead of the catalogue. */
function ownPrice(prices: readonly PriceRecord[], route: { provider: string; model: string }): DatedPrice | null {
  const line = prices.find(({ provider, model }) => provider === route.provider && model === route.model);
  if (!line || isHourly(line.price)) return null;
  return { ...line.price, as_of: line.as_of, source: null, note: 'From the price table.' };
}
