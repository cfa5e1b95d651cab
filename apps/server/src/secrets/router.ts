import { Secret, SecretRef, SecretSet } from '@touchstone/schemas';
import { z } from 'zod';
import { procedure, router } from '../trpc.ts';
import { listSecrets, removeSecret, setSecret } from './service.ts';

export const secrets = router({
  list: procedure.output(z.array(Secret)).query(({ ctx }) => listSecrets(ctx)),
  set: procedure
    .input(SecretSet)
    .output(Secret)
    .mutation(({ ctx, input }) => setSecret(ctx, input)),
  remove: procedure
    .input(SecretRef)
    .output(SecretRef)
    .mutation(({ ctx, input }) => removeSecret(ctx, input.name)),
});
