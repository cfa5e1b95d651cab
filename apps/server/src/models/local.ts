/** What a model that runs on the cluster needs of this instance. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDER_PREFIX, type ModelSettings, PROVIDERS } from '@touchstone/schemas';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';

/**
 * The model with its settings, where it may run here.
 * @throws AppError INVALID where the instance lacks what it needs, FORBIDDEN where only the owner could allow it
 */
export function resolveLocalModel({ env, scope }: Pick<Ctx, 'env' | 'scope'>, model: ModelSettings): ModelSettings {
  const name = model.name ?? model.model;
  if (!hasLocalModels(env)) {
    throw new AppError(
      'INVALID',
      `${name} runs here, with the extra "hf" (PyTorch and transformers, about 6 GB), which this Touchstone was started without. "npm start -- --with hf" adds it; on a cluster of your own see docs/guide/local-models.md.`,
    );
  }
  if (model.trust_remote_code && !env.TOUCHSTONE_TRUST_REMOTE_CODE) {
    throw new AppError(
      'FORBIDDEN',
      `${name} wants to run Python that comes with the model. The owner of this Touchstone can allow it: TOUCHSTONE_TRUST_REMOTE_CODE=1.`,
    );
  }
  if (model.model.startsWith(FOLDER_PREFIX))
    checkFolder(env.TOUCHSTONE_MODELS_DIR, model.model.slice(FOLDER_PREFIX.length));
  if (model.secret !== undefined && model.secret !== PROVIDERS.huggingface.secret && scope !== 'owner') {
    throw new AppError(
      'FORBIDDEN',
      `${name}: an API key can send the Hub only the secret "${PROVIDERS.huggingface.secret}", not "${model.secret}".`,
    );
  }
  return model;
}

/** Whether its Ray nodes have what models need to run there. */
export function hasLocalModels({ TOUCHSTONE_EXTRAS }: Ctx['env']): boolean {
  return TOUCHSTONE_EXTRAS.includes('hf');
}

function checkFolder(models: string | undefined, folder: string): void {
  if (models === undefined) {
    throw new AppError(
      'INVALID',
      'This Touchstone has no folder for local models. Its owner can name one: TOUCHSTONE_MODELS_DIR=/path npm start -- --with hf.',
    );
  }
  // On a cluster of one's own the folder is the nodes': what is not here they look at.
  if (existsSync(models) && !existsSync(join(models, folder, 'config.json'))) {
    throw new AppError('INVALID', `There is no model in the folder "${folder}" of ${models}: it has no config.json.`);
  }
}
