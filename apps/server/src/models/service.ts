import { listEndpoints, listSecrets } from '@touchstone/db';
import { CATALOGUE, PROVIDERS, providerOf, type SuggestedModel, type TaskName } from '@touchstone/schemas';
import type { Ctx } from '../context.ts';

/** The catalogue, with what each model still needs here. */
export async function listModels({ db }: Ctx, { task }: { task?: TaskName | undefined }): Promise<SuggestedModel[]> {
  const [secrets, endpoints] = await Promise.all([listSecrets(db), listEndpoints(db)]);
  const stored = new Set(secrets.map(({ name }) => name));
  return CATALOGUE.filter(({ tasks }) => task === undefined || tasks.includes(task)).map((model) => ({
    ...model,
    routes: model.routes.map((route) => {
      const { secret } = PROVIDERS[route.provider];
      return {
        ...route,
        secret: secret === null ? null : { name: secret, missing: !stored.has(secret) },
        endpoints: endpoints
          .filter(({ provider, base_url }) => (provider ?? providerOf(base_url)) === route.provider)
          .map(({ name }) => name),
      };
    }),
  }));
}
