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
import { read, router, run } from '../trpc.ts';
import { diffVersions } from './diff.ts';
import { editDataset } from './edit.ts';
import { createFromWorkflow } from './predictions.ts';
import { getDataset, listDatasets, listVersions, previewDataset, removeDataset, updateDataset } from './service.ts';

export const datasets = router({
  list: read
    .input(PageInput.extend({ search: z.string().max(200).default('') }))
    .output(page(Dataset))
    .query(({ ctx, input }) => listDatasets(ctx, input)),
  get: read
    .input(IdInput)
    .output(Dataset)
    .query(({ ctx, input }) => getDataset(ctx, input.id)),
  preview: read
    .input(DatasetPreviewInput)
    .output(DatasetPreview)
    .query(({ ctx, input }) => previewDataset(ctx, input)),
  update: run
    .input(DatasetUpdate)
    .output(Dataset)
    .mutation(({ ctx, input }) => updateDataset(ctx, input)),
  edit: run
    .input(DatasetEdit)
    .output(Dataset)
    .mutation(({ ctx, input }) => editDataset(ctx, input)),
  create_from_workflow: run
    .input(DatasetFromWorkflow)
    .output(Dataset)
    .mutation(({ ctx, input }) => createFromWorkflow(ctx, input)),
  versions: read
    .input(IdInput)
    .output(z.array(DatasetVersion))
    .query(({ ctx, input }) => listVersions(ctx, input.id)),
  diff: read
    .input(DatasetDiffInput)
    .output(DatasetDiff)
    .query(({ ctx, input }) => diffVersions(ctx, input)),
  remove: run
    .input(DatasetRemove)
    .output(IdInput)
    .mutation(({ ctx, input }) => removeDataset(ctx, input)),
});
