import {
  Dataset,
  DatasetDiff,
  DatasetDiffInput,
  DatasetEdit,
  DatasetFromWorkflow,
  DatasetHealth,
  DatasetHealthInput,
  DatasetListInput,
  DatasetPreview,
  DatasetPreviewInput,
  DatasetRemove,
  DatasetUpdate,
  DatasetVersion,
  IdInput,
  page,
} from '@touchstone/schemas';
import { z } from 'zod';
import { read, router, run } from '../trpc.ts';
import { diffVersions } from './diff.ts';
import { editDataset } from './edit.ts';
import { getHealth } from './health/service.ts';
import { createFromWorkflow } from './predictions.ts';
import { getDataset, listDatasets, listVersions, previewDataset, removeDataset, updateDataset } from './service.ts';

export const datasets = router({
  list: read
    .meta({ openapi: { method: 'GET', path: '/api/datasets', summary: 'Datasets, newest first' } })
    .input(DatasetListInput)
    .output(page(Dataset))
    .query(({ ctx, input }) => listDatasets(ctx, input)),
  get: read
    .meta({ openapi: { method: 'GET', path: '/api/datasets/{id}', summary: 'One version of a dataset' } })
    .input(IdInput)
    .output(Dataset)
    .query(({ ctx, input }) => getDataset(ctx, input.id)),
  preview: read
    .meta({ openapi: { method: 'GET', path: '/api/datasets/{id}/rows', summary: 'Rows of a dataset' } })
    .input(DatasetPreviewInput)
    .output(DatasetPreview)
    .query(({ ctx, input }) => previewDataset(ctx, input)),
  health: read
    .meta({
      openapi: {
        method: 'GET',
        path: '/api/datasets/{id}/health',
        summary: 'Duplicates, blank and extreme rows, and other faults of the data; ask again while it runs',
      },
    })
    .input(DatasetHealthInput)
    .output(DatasetHealth)
    .query(({ ctx, input }) => getHealth(ctx, input)),
  update: run
    .meta({ openapi: { method: 'PATCH', path: '/api/datasets/{id}', summary: 'Rename or describe a dataset' } })
    .input(DatasetUpdate)
    .output(Dataset)
    .mutation(({ ctx, input }) => updateDataset(ctx, input)),
  edit: run
    .meta({
      openapi: {
        method: 'POST',
        path: '/api/datasets/{id}/versions',
        summary: 'Change cells: makes a new version',
        status: 201,
      },
    })
    .input(DatasetEdit)
    .output(Dataset)
    .mutation(({ ctx, input }) => editDataset(ctx, input)),
  create_from_workflow: run
    .meta({
      openapi: {
        method: 'POST',
        path: '/api/datasets',
        summary: 'Save the answers of a workflow as a dataset',
        status: 201,
      },
    })
    .input(DatasetFromWorkflow)
    .output(Dataset)
    .mutation(({ ctx, input }) => createFromWorkflow(ctx, input)),
  versions: read
    .meta({ openapi: { method: 'GET', path: '/api/datasets/{id}/versions', summary: 'The versions of a dataset' } })
    .input(IdInput)
    .output(z.array(DatasetVersion))
    .query(({ ctx, input }) => listVersions(ctx, input.id)),
  diff: read
    .meta({
      openapi: { method: 'GET', path: '/api/datasets/{id}/diff', summary: 'What a version changed against another' },
    })
    .input(DatasetDiffInput)
    .output(DatasetDiff)
    .query(({ ctx, input }) => diffVersions(ctx, input)),
  remove: run
    .meta({
      openapi: { method: 'DELETE', path: '/api/datasets/{id}', summary: 'Delete a version, or the whole dataset' },
    })
    .input(DatasetRemove)
    .output(IdInput)
    .mutation(({ ctx, input }) => removeDataset(ctx, input)),
});
