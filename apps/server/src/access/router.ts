import { object, SignInLink } from '@touchstone/schemas';
import { z } from 'zod';
import { owner, read, router } from '../trpc.ts';
import { createSignInLink, signOut } from './service.ts';

export const session = router({
  get: read
    .meta({ openapi: { method: 'GET', path: '/api/session', summary: 'Who the key or the session belongs to' } })
    .output(object({ user: object({ name: z.string() }) }))
    .query(({ ctx }) => ({ user: { name: ctx.user.name } })),
  sign_out: owner
    .meta({ openapi: { method: 'DELETE', path: '/api/session', summary: 'End this session' } })
    .output(z.void())
    .mutation(({ ctx }) => signOut(ctx)),
});

export const sign_in_links = router({
  create: owner
    .meta({
      openapi: {
        method: 'POST',
        path: '/api/sign_in_links',
        summary: 'A link that signs a browser in, once',
        status: 201,
      },
    })
    .output(SignInLink)
    .mutation(({ ctx }) => createSignInLink(ctx)),
});
