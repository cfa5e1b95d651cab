/** What models cost, in US dollars. */
import { z } from 'zod';
import { object } from './common.ts';

const Amount = z.number().min(0).max(100_000);

/** US dollars per million tokens. */
export const TokenPrice = object({ input: Amount, output: Amount });
export type TokenPrice = z.infer<typeof TokenPrice>;

/** US dollars per hour in which the model answers: what a machine of one's own costs. */
export const HourPrice = object({ per_hour: Amount });
export type HourPrice = z.infer<typeof HourPrice>;

export const Price = z.union([TokenPrice, HourPrice], {
  error: 'Give input and output, in US dollars per million tokens, or per_hour, in US dollars per hour.',
});
export type Price = z.infer<typeof Price>;

export function isHourly(price: Price): price is HourPrice {
  return 'per_hour' in price;
}

/** A day or a month. */
export const AsOf = z.string().regex(/^\d{4}-\d{2}(-\d{2})?$/, 'A day or a month: 2026-11-24.');
