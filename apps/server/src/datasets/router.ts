import {
  Dataset,
  DatasetDiff,
  DatasetDiffInput,
  DatasetEdit,
  DatasetFromWorkflow,
  DatasetPreview,
  DatasetPreviewInput,
  DatasetRemove,
  DatasetUpdate,
  DatasetVersion,
  IdInput,
  PageInput,
  page,
} from '@touchstone/schemas';
import { z } from 'zod';
import { procedure, router } from '../trpc.ts';
import { diffVersions } from './diff.ts';
import { editDataset } from './edit.ts';
import { createFromWorkflow } from './predictions.ts';
import { getDataset, listDatasets, listVersions, previewDataset, removeDataset, updateDataset } from './service.ts';

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
  update: procedure
    .input(DatasetUpdate)
    .output(Dataset)
    .mutation(({ ctx, input }) => updateDataset(ctx, input)),
  edit: procedure
    .input(DatasetEdit)
    .output(Dataset)
    .mutation(({ ctx, input }) => editDataset(ctx, input)),
  create_from_workflow: procedure
    .input(DatasetFromWorkflow)
    .output(Dataset)
    .mutation(({ ctx, input }) => createFromWorkflow(ctx, input)),
  versions: procedure
    .input(IdInput)
    .output(z.array(DatasetVersion))
    .query(({ ctx, input }) => listVersions(ctx, input.id)),
  diff: procedure
    .input(DatasetDiffInput)
    .output(DatasetDiff)
    .query(({ ctx, input }) => diffVersions(ctx, input)),
  remove: procedure
    .input(DatasetRemove)
    .output(IdInput)
    .mutation(({ ctx, input }) => removeDataset(ctx, input)),
});
