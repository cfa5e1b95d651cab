import {
  Endpoint,
  EndpointModels,
  EndpointRef,
  EndpointSettings,
  EndpointTest,
  EndpointTestInput,
} from '@touchstone/schemas';
import { z } from 'zod';
import { owner, read, router } from '../trpc.ts';
import { listEndpointModels, testEndpoint } from './probe.ts';
import { createEndpoint, listEndpoints, removeEndpoint, updateEndpoint } from './service.ts';

export const endpoints = router({
  list: read
    .meta({ openapi: { method: 'GET', path: '/api/endpoints', summary: 'Registered endpoints, by name' } })
    .output(z.array(Endpoint))
    .query(({ ctx }) => listEndpoints(ctx)),
  create: owner
    .meta({ openapi: { method: 'POST', path: '/api/endpoints', summary: 'Register an endpoint', status: 201 } })

    .input(EndpointSettings)
    .output(Endpoint)
    .mutation(({ ctx, input }) => createEndpoint(ctx, input)),
  update: owner
    .meta({
      openapi: {
        method: 'PUT',
        path: '/api/endpoints/{name}',
        summary: 'Change an endpoint; experiments keep what it was',
      },
    })

    .input(EndpointSettings)
    .output(Endpoint)
    .mutation(({ ctx, input }) => updateEndpoint(ctx, input)),
  remove: owner
    .meta({
      openapi: {
        method: 'DELETE',
        path: '/api/endpoints/{name}',
        summary: 'Forget an endpoint; experiments keep what it was',
      },
    })

    .input(EndpointRef)
    .output(EndpointRef)
    .mutation(({ ctx, input }) => removeEndpoint(ctx, input.name)),
  test: owner
    .meta({
      openapi: {
        method: 'POST',
        path: '/api/endpoints/test',
        summary: 'Ask an endpoint one short question, or for its list of models',
      },
    })

    .input(EndpointTestInput)
    .output(EndpointTest)
    .mutation(({ ctx, input }) => testEndpoint(ctx, input)),
  models: read
    .meta({
      openapi: {
        method: 'GET',
        path: '/api/endpoints/{name}/models',
        summary: 'The models that an endpoint says it has',
      },
    })

    .input(EndpointRef)
    .output(EndpointModels)
    .query(({ ctx, input }) => listEndpointModels(ctx, input.name)),
});
