import { ApiKey, ApiKeyCreate, ApiKeyCreated, IdInput, object, SignInLink } from '@touchstone/schemas';
import { z } from 'zod';
import { owner, read, router } from '../trpc.ts';
import { createApiKey, listApiKeys, removeApiKey } from './api-keys.ts';
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

export const api_keys = router({
  list: owner
    .meta({
      openapi: { method: 'GET', path: '/api/api_keys', summary: 'API keys, newest first, without their values' },
    })
    .output(z.array(ApiKey))
    .query(({ ctx }) => listApiKeys(ctx)),
  create: owner
    .meta({
      openapi: {
        method: 'POST',
        path: '/api/api_keys',
        summary: 'Make an API key, which is shown this once',
        status: 201,
      },
    })
    .input(ApiKeyCreate)
    .output(ApiKeyCreated)
    .mutation(({ ctx, input }) => createApiKey(ctx, input)),
  remove: owner
    .meta({ openapi: { method: 'DELETE', path: '/api/api_keys/{id}', summary: 'Revoke an API key' } })
    .input(IdInput)
    .output(IdInput)
    .mutation(({ ctx, input }) => removeApiKey(ctx, input.id)),
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
