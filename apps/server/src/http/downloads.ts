import type { Readable } from 'node:stream';
import { explainError, Id, oneOf } from '@touchstone/schemas';
import type { Storage } from '@touchstone/storage';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { exportComparison } from '../comparisons/export.ts';
import type { Services } from '../context.ts';
import { findDatasetSource, openDatasetAsCsv, openDatasetSource } from '../datasets/download.ts';
import { AppError } from '../errors.ts';
import { openJobLog } from '../jobs/log.ts';
import { openJobResult } from '../jobs/result.ts';
import { exportJobRows } from '../jobs/rows.ts';
import type { Operation } from '../rest/operation.ts';
import { exportExperiment } from '../rows/export.ts';
import { checkText } from '../text.ts';
import { ctxOf } from './ctx.ts';

/** An address to S3 works for so long; a download that has begun goes on. */
const SIGNED_FOR_S = 300;

const Params = z.object({ id: Id });
const DownloadQuery = z.object({ as: oneOf(['source', 'csv']).default('source') });
const ExportQuery = z.object({ format: oneOf(['csv', 'jsonl', 'parquet']).default('csv') });
const ExperimentExportQuery = z.object({ format: oneOf(['csv', 'jsonl', 'parquet', 'comparison']).default('csv') });

/** A table comes as one of these. */
const TABLE_TYPES = ['text/csv', 'application/x-ndjson', 'application/vnd.apache.parquet'];

const DOWNLOAD: Operation = {
  id: 'datasets.download',
  summary: 'The file as it was uploaded, or the rows as CSV',
  input: Params.extend(DownloadQuery.shape),
  output: { status: 200, files: TABLE_TYPES },
};
const EXPORT: Operation = {
  id: 'experiments.export',
  summary: 'Every row with its answers and scores; or the comparison, with recommendation and slices, as JSON',
  input: Params.extend(ExperimentExportQuery.shape),
  output: { status: 200, files: [...TABLE_TYPES, 'application/json'] },
};
const RESULT: Operation = {
  id: 'jobs.download_result',
  summary: 'What the job found, as it wrote it: aggregates, versions, signatures',
  input: Params,
  output: { status: 200, files: ['application/json'] },
};
const ROWS: Operation = {
  id: 'jobs.download_rows',
  summary: 'Every row of a job with its answer and scores, also while it runs',
  input: Params.extend(ExportQuery.shape),
  output: { status: 200, files: TABLE_TYPES },
};
const LOG: Operation = {
  id: 'jobs.download_log',
  summary: 'What the job printed so far, over all attempts',
  input: Params,
  output: { status: 200, files: ['text/plain'] },
};

/** A HEAD would open the stream and throw it away. */
const options = (operation: Operation) => ({ exposeHeadRoute: false, config: { access: 'read', operation } }) as const;

function parse<T extends z.ZodType>(shape: T, value: unknown): z.infer<T> {
  const { data, error } = shape.safeParse(value);
  if (error) throw new AppError('INVALID', explainError(error));
  checkText(data);
  return data as z.infer<T>;
}

/** The file as one to save, under its name. */
function sendFile(
  reply: FastifyReply,
  file: { filename: string; content_type: string; stream: Readable; size?: number },
) {
  if (file.size !== undefined) reply.header('content-length', file.size);
  return reply
    .header('content-disposition', contentDisposition(file.filename))
    .type(file.content_type)
    .send(file.stream);
}

/** Where browsers get a stored file from S3 itself. */
function signFile(storage: Storage, file: { key: string; filename: string; content_type: string }): Promise<string> {
  const headers = { content_disposition: contentDisposition(file.filename), content_type: file.content_type };
  return storage.signedUrl!(file.key, { expires_s: SIGNED_FOR_S, ...headers });
}

/** RFC 6266: the name in full, and one in plain letters for those who do not read that. */
export function contentDisposition(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(filename.toWellFormed()).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

export function addDownloadRoutes(app: FastifyInstance, services: Services): void {
  app.get('/api/datasets/:id/download', options(DOWNLOAD), async (request, reply) => {
    const { id } = parse(Params, request.params);
    const { as } = parse(DownloadQuery, request.query);
    const ctx = ctxOf(services, request);
    if (as === 'csv') return sendFile(reply, await openDatasetAsCsv(ctx, id));
    const source = services.storage.signedUrl && (await findDatasetSource(ctx, id));
    if (source) return reply.redirect(await signFile(services.storage, source));
    return sendFile(reply, await openDatasetSource(ctx, id));
  });

  app.get('/api/experiments/:id/export', options(EXPORT), async (request, reply) => {
    const { id } = parse(Params, request.params);
    const { format } = parse(ExperimentExportQuery, request.query);
    const ctx = ctxOf(services, request);
    const file = format === 'comparison' ? exportComparison(ctx, id) : exportExperiment(ctx, id, format);
    return sendFile(reply, await file);
  });

  app.get('/api/jobs/:id/result', options(RESULT), async (request, reply) => {
    const { id } = parse(Params, request.params);
    const file = await openJobResult(ctxOf(services, request), id);
    return sendFile(reply, { ...file, content_type: 'application/json; charset=utf-8' });
  });

  app.get('/api/jobs/:id/rows', options(ROWS), async (request, reply) => {
    const { id } = parse(Params, request.params);
    const { format } = parse(ExportQuery, request.query);
    return sendFile(reply, await exportJobRows(ctxOf(services, request), id, format));
  });

  app.get('/api/jobs/:id/log', options(LOG), async (request, reply) => {
    const { id } = parse(Params, request.params);
    const file = await openJobLog(ctxOf(services, request), id);
    return sendFile(reply, { ...file, content_type: 'text/plain; charset=utf-8' });
  });
}
