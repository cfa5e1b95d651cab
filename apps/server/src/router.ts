import { api_keys, session, sign_in_links } from './access/router.ts';
import { comparisons } from './comparisons/router.ts';
import { datasets } from './datasets/router.ts';
import { endpoints } from './endpoints/router.ts';
import { events } from './events/router.ts';
import { experiments } from './experiments/router.ts';
import { jobs } from './jobs/router.ts';
import { models } from './models/router.ts';
import { prices } from './prices/router.ts';
import { rows } from './rows/router.ts';
import { secrets } from './secrets/router.ts';
import { status } from './status/router.ts';
import { router } from './trpc.ts';

export const appRouter = router({
  api_keys,
  comparisons,
  datasets,
  endpoints,
  events,
  experiments,
  jobs,
  models,
  prices,
  rows,
  secrets,
  session,
  sign_in_links,
  status,
});
export type AppRouter = typeof appRouter;
