import { Secret, SecretRef, SecretSet } from '@touchstone/schemas';
import { z } from 'zod';
import { owner, router } from '../trpc.ts';
import { listSecrets, removeSecret, setSecret } from './service.ts';

export const secrets = router({
  list: owner
    .meta({ openapi: { method: 'GET', path: '/api/secrets', summary: 'Names and last characters of the stored keys' } })
    .output(z.array(Secret))
    .query(({ ctx }) => listSecrets(ctx)),
  set: owner
    .meta({ openapi: { method: 'PUT', path: '/api/secrets/{name}', summary: 'Store or replace a key' } })
    .input(SecretSet)
    .output(Secret)
    .mutation(({ ctx, input }) => setSecret(ctx, input)),
  remove: owner
    .meta({ openapi: { method: 'DELETE', path: '/api/secrets/{name}', summary: 'Forget a key' } })
    .input(SecretRef)
    .output(SecretRef)
    .mutation(({ ctx, input }) => removeSecret(ctx, input.name)),
});
