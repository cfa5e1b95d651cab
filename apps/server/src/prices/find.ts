import type { PriceRecord } from '@touchstone/db';
import type { Price, ProviderId } from '@touchstone/schemas';

/** What this instance's table says that a model costs: at its very address, else at its provider; null: nothing. */
export function findPrice(
  prices: readonly PriceRecord[],
  { provider, origin, model }: { provider: ProviderId | null; origin: string | null; model: string },
): Price | null {
  const at = (place: string | null) => prices.find((line) => line.provider === place && line.model === model)?.price;
  return at(origin) ?? at(provider) ?? null;
}
