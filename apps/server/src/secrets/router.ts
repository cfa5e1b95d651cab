import { Secret, SecretRef, SecretSet } from '@touchstone/schemas';
import { z } from 'zod';
import { owner, router } from '../trpc.ts';
import { listSecrets, removeSecret, setSecret } from './service.ts';

export const secrets = router({
  list: owner.output(z.array(Secret)).query(({ ctx }) => listSecrets(ctx)),
  set: owner
    .input(SecretSet)
    .output(Secret)
    .mutation(({ ctx, input }) => setSecret(ctx, input)),
  remove: owner
    .input(SecretRef)
    .output(SecretRef)
    .mutation(({ ctx, input }) => removeSecret(ctx, input.name)),
});
