import { KnownPrice, PriceEntry, PriceRef } from '@touchstone/schemas';
import { z } from 'zod';
import { owner, read, router } from '../trpc.ts';
import { listPrices, removePrice, setPrice } from './service.ts';

export const prices = router({
  list: read
    .meta({
      openapi: { method: 'GET', path: '/api/prices', summary: 'The price table, which comes before the catalogue' },
    })
    .output(z.array(KnownPrice))
    .query(({ ctx }) => listPrices(ctx)),
  set: owner
    .meta({
      openapi: { method: 'PUT', path: '/api/prices', summary: 'Set what a model costs; experiments keep what it was' },
    })
    .input(PriceEntry)
    .output(KnownPrice)
    .mutation(({ ctx, input }) => setPrice(ctx, input)),
  remove: owner
    .meta({
      openapi: { method: 'DELETE', path: '/api/prices', summary: "Forget a price: the catalogue's counts again" },
    })
    .input(PriceRef)
    .output(PriceRef)
    .mutation(({ ctx, input }) => removePrice(ctx, input)),
});
