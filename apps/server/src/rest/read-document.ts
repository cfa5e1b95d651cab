import Fastify from 'fastify';
import type { Services } from '../context.ts';
import type {} from '../http/app.ts';
import { addDownloadRoutes } from '../http/downloads.ts';
import { addEndless } from '../http/endless.ts';
import { addUploadRoute } from '../http/upload.ts';
import type { ApiDocument } from './document.ts';
import { addRest } from './routes.ts';

export type { ApiDocument, DescribedOperation } from './document.ts';
export type { JsonSchema } from './shapes.ts';

/** What `/api/openapi.json` answers, without a server: every route is made, none is asked. */
export async function readDocument(): Promise<ApiDocument> {
  const app = Fastify();
  const services = { env: { TOUCHSTONE_UPLOAD_LIMIT_MB: 0 } } as Services;
  addRest(app, services);
  addUploadRoute(app, services, addEndless(app));
  addDownloadRoutes(app, services);
  const answer = await app.inject('/api/openapi.json');
  return answer.json<ApiDocument>();
}
