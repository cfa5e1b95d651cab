import type { AddressInfo } from 'node:net';
import fastifyCookie from '@fastify/cookie';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController, type RouteOptions } from 'fastify';
import type { Services } from '../context.ts';
import { addRest } from '../rest/routes.ts';
import { addDownloadRoutes } from './downloads.ts';
import { addEndless } from './endless.ts';
import { addGuard } from './guard.ts';
import { addSecurityHeaders } from './headers.ts';
import { addMlflowProxy } from './mlflow.ts';
import { addMonitoring } from './monitoring.ts';
import { createOrigins } from './origins.ts';
import { addPages } from './pages.ts';
import { answerError, Refusal } from './refusal.ts';
import { addRequestLog } from './request-log.ts';
import { addSessionRoute } from './session.ts';
import { addTrpc } from './trpc.ts';
import { addUpgrades } from './upgrades.ts';
import { addUploadRoute } from './upload.ts';

/** A page asks for many things in one address. */
const MAX_PATH = 5000;
/** Long prompts, many models. */
const MAX_JSON_BYTES = 4 * 1024 * 1024;

export type AppOptions = {
  /** What Fastify itself has to say; default: nothing. */
  logger?: FastifyBaseLogger;
  /** Told about each route as it is made. */
  onRoute?: (route: RouteOptions) => void;
};

/** Everything that the server answers over HTTP. Call `listen` or `inject`. */
export async function buildApp(services: Services, { logger, onRoute }: AppOptions = {}): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({
    ...(logger ? { loggerInstance: logger } : { logger: false }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_JSON_BYTES,
    routerOptions: { maxParamLength: MAX_PATH },
    forceCloseConnections: 'idle',
    // A query may name 50 models.
    http: { maxHeaderSize: 32 * 1024 },
  });
  if (onRoute) app.addHook('onRoute', onRoute);
  const port = () => (app.server.address() as AddressInfo | null)?.port ?? services.env.TOUCHSTONE_PORT;
  const origins = createOrigins(services.env.TOUCHSTONE_URL, port);

  app.setErrorHandler(answerError);
  addRequestLog(app, services.log);
  addSecurityHeaders(app, { isDev: services.env.TOUCHSTONE_WEB_DEV });
  await app.register(fastifyCookie);
  addGuard(app, services, origins);
  const endless = addEndless(app);
  app.setNotFoundHandler(() => {
    throw new Refusal('NOT_FOUND', 'There is nothing at this address.');
  });

  addMonitoring(app, services);
  addRest(app, services);
  addSessionRoute(app, services);
  addUploadRoute(app, services, endless);
  addDownloadRoutes(app, services);
  addTrpc(app, services);
  addMlflowProxy(app, services);
  const pages = addPages(app, services);
  if (services.env.TOUCHSTONE_WEB_DEV) addUpgrades(app, { origins, pages, endless });
  return app;
}
