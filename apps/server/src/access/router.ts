import { object, SignInLink } from '@touchstone/schemas';
import { z } from 'zod';
import { owner, read, router } from '../trpc.ts';
import { createSignInLink, signOut } from './service.ts';

export const session = router({
  get: read
    .output(object({ user: object({ name: z.string() }) }))
    .query(({ ctx }) => ({ user: { name: ctx.user.name } })),
  sign_out: owner.output(z.void()).mutation(({ ctx }) => signOut(ctx)),
});

export const sign_in_links = router({
  create: owner.output(SignInLink).mutation(({ ctx }) => createSignInLink(ctx)),
});
