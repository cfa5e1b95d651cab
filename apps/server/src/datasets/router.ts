import { Dataset, DatasetPreview, DatasetPreviewInput, IdInput, PageInput, page } from '@touchstone/schemas';
import { z } from 'zod';
import { procedure, router } from '../trpc.ts';
import { getDataset, listDatasets, previewDataset, removeDataset } from './service.ts';

export const datasets = router({
  list: procedure
    .input(PageInput.extend({ search: z.string().max(200).default('') }))
    .output(page(Dataset))
    .query(({ ctx, input }) => listDatasets(ctx, input)),
  get: procedure
    .input(IdInput)
    .output(Dataset)
    .query(({ ctx, input }) => getDataset(ctx, input.id)),
  preview: procedure
    .input(DatasetPreviewInput)
    .output(DatasetPreview)
    .query(({ ctx, input }) => previewDataset(ctx, input)),
  remove: procedure
    .input(IdInput)
    .output(IdInput)
    .mutation(({ ctx, input }) => removeDataset(ctx, input.id)),
});
