import { PassThrough } from 'node:stream';
import { Dataset, explainError, Name } from '@touchstone/schemas';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Services } from '../context.ts';
import { UploadTooLarge, uploadDataset } from '../datasets/upload.ts';
import { AppError } from '../errors.ts';
import type { Operation } from '../rest/operation.ts';
import { checkRoom } from '../status/disk.ts';
import { checkText } from '../text.ts';
import { ctxOf } from './ctx.ts';
import type { Endless } from './endless.ts';
import { Refusal } from './refusal.ts';

const Query = z.object({
  name: Name.optional(),
  filename: z
    .string()
    .transform((name) => name.replace(/^.*[\\/]/s, '').trim())
    .pipe(z.string().min(1, 'Say how the file is called: ?filename=data.csv.').max(255)),
});

const UPLOAD: Operation = {
  id: 'datasets.upload',
  summary: 'Upload a CSV, JSON Lines or Parquet file as a new dataset',
  input: Query,
  takes_file: true,
  output: { status: 201, shape: Dataset },
};

/** How long a client that was refused may go on sending until the connection is cut. */
const DRAIN_MS = 30_000;

/** `PUT /api/datasets?filename=data.csv&name=…` with the file as body, streamed to storage. */
export function addUploadRoute(app: FastifyInstance, services: Services, endless: Endless): void {
  const megabytes = services.env.TOUCHSTONE_UPLOAD_LIMIT_MB;
  const limit_bytes = Math.floor(megabytes * 1024 * 1024);
  const tooLarge = () =>
    new Refusal(
      'TOO_LARGE',
      `The file is larger than ${megabytes} MB, the limit of this server. To raise it, start with TOUCHSTONE_UPLOAD_LIMIT_MB=${2 * Math.ceil(megabytes)} npm start.`,
    );

  app.register(async (scope) => {
    // The body stays on the socket until the route reads it.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));

    scope.put('/api/datasets', { config: { access: 'run', operation: UPLOAD } }, async (request, reply) => {
      reply.raw.once('finish', () => drain(request, endless));
      const { data: query, error } = Query.safeParse(request.query);
      if (error) throw new AppError('INVALID', explainError(error));
      checkText(query);
      const size = Number(request.headers['content-length'] ?? 0);
      if (size > limit_bytes) throw tooLarge();
      await checkRoom(services, size);
      const dataset = await uploadDataset(ctxOf(services, request), {
        ...query,
        body: bodyOf(request),
        limit_bytes,
      }).catch((cause: unknown) => {
        throw cause instanceof UploadTooLarge ? tooLarge() : cause;
      });
      return reply.code(201).send(dataset);
    });
  });
}

/** The body as a stream of its own, so that who stops reading it does not cut the connection that the answer needs. */
function bodyOf({ raw }: FastifyRequest): PassThrough {
  const body = new PassThrough();
  raw.once('close', () => {
    if (!raw.complete) body.destroy(new AppError('INVALID', 'The upload was cut off; nothing was kept of it.'));
  });
  return raw.pipe(body);
}

/** Reads on and forgets, so that a client that sends first and reads then gets to the answer. */
function drain({ raw }: FastifyRequest, endless: Endless): void {
  if (raw.complete) return;
  endless.add(raw.socket);
  raw.unpipe();
  raw.resume();
  setTimeout(() => {
    if (!raw.complete) raw.socket.destroy();
  }, DRAIN_MS).unref();
}
