import type { PriceEntry, PriceRef } from '@touchstone/schemas';
import type { Db } from './client.ts';
import type { price } from './generated/client.ts';

export type PriceRecord = Omit<price, 'price'> & PriceEntry;

// The column holds what the schema parsed before it was written.
const toRecord = (row: price) => row as PriceRecord;

/** By provider and model. */
export async function listPrices(db: Db): Promise<PriceRecord[]> {
  return (await db.price.findMany({ orderBy: [{ provider: 'asc' }, { model: 'asc' }] })).map(toRecord);
}

export async function upsertPrice(db: Db, line: PriceEntry & { updated_by: string }): Promise<PriceRecord> {
  const { provider, model, ...values } = line;
  const row = await db.price.upsert({
    where: { provider_model: { provider, model } },
    create: line,
    update: values,
  });
  return toRecord(row);
}

/** False where there was none. */
export async function deletePrice(db: Db, { provider, model }: PriceRef): Promise<boolean> {
  const { count } = await db.price.deleteMany({ where: { provider, model } });
  return count > 0;
}
