import { deletePrice, listPrices as findPrices, type PriceRecord, upsertPrice } from '@touchstone/db';
import type { KnownPrice, PriceEntry, PriceRef } from '@touchstone/schemas';
import type { Ctx } from '../context.ts';
import { notFound } from '../errors.ts';

export async function listPrices({ db }: Ctx): Promise<KnownPrice[]> {
  return (await findPrices(db)).map(toKnownPrice);
}

/** Experiments that were created keep the price that they were created with. */
export async function setPrice({ db, user }: Ctx, entry: PriceEntry): Promise<KnownPrice> {
  return toKnownPrice(await upsertPrice(db, { ...entry, updated_by: user.name }));
}

/** From then on the catalogue's counts again. @throws AppError NOT_FOUND */
export async function removePrice({ db }: Ctx, ref: PriceRef): Promise<PriceRef> {
  if (!(await deletePrice(db, ref))) throw notFound('price', `of "${ref.model}" at ${ref.provider}`);
  return ref;
}

function toKnownPrice({ updated_at, ...line }: PriceRecord): KnownPrice {
  return { ...line, updated_at: updated_at.toISOString() };
}
