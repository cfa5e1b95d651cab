/** What this instance knows of prices besides the catalogue. */
import { z } from 'zod';
import { object, Timestamp } from './common.ts';
import { AsOf, Price } from './price.ts';
import { ProviderId } from './provider.ts';

const NO_PLACE = 'A provider, such as openai, or scheme, host and port of an endpoint: http://127.0.0.1:8000.';
const Origin = z
  .url({ protocol: /^https?$/, abort: true })
  .refine((url) => new URL(url).origin === url, { error: NO_PLACE });

/** Where a model is paid for: at a provider, or at an endpoint of one's own, by scheme, host and port. */
export const PricedAt = z.union([ProviderId, Origin], { error: NO_PLACE });

export const PriceRef = object({
  provider: PricedAt,
  /** As the endpoint names it. */
  model: z.string().trim().min(1).max(300),
});
export type PriceRef = z.infer<typeof PriceRef>;

/** A line of this instance's own price table, which comes before the catalogue's. */
export const PriceEntry = PriceRef.extend({
  price: Price,
  /** When the price was read. */
  as_of: AsOf,
});
export type PriceEntry = z.infer<typeof PriceEntry>;

export const KnownPrice = PriceEntry.extend({
  updated_at: Timestamp,
  /** Name of who wrote it last. */
  updated_by: z.string(),
});
export type KnownPrice = z.infer<typeof KnownPrice>;
