import { object, SignInLink } from '@touchstone/schemas';
import { z } from 'zod';
import { procedure, router } from '../trpc.ts';
import { createSignInLink, signOut } from './service.ts';

export const session = router({
  get: procedure
    .output(object({ user: object({ name: z.string() }) }))
    .query(({ ctx }) => ({ user: { name: ctx.user.name } })),
  sign_out: procedure.output(z.void()).mutation(({ ctx }) => signOut(ctx)),
});

export const sign_in_links = router({
  create: procedure.output(SignInLink).mutation(({ ctx }) => createSignInLink(ctx)),
});
