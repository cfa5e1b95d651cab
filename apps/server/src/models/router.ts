import { ModelsListInput, SuggestedModel } from '@touchstone/schemas';
import { z } from 'zod';
import { read, router } from '../trpc.ts';
import { listModels } from './service.ts';

export const models = router({
  list: read
    .meta({ openapi: { method: 'GET', path: '/api/models', summary: 'Suggested models, and what each still needs' } })

    .input(ModelsListInput)
    .output(z.array(SuggestedModel))
    .query(({ ctx, input }) => listModels(ctx, input)),
});
