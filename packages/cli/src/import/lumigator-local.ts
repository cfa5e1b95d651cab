/** A model that Lumigator loaded from Hugging Face into its own jobs, as one that runs on the cluster here. */
import { type Generation, HUB_PREFIX, LOCAL_SETTINGS, type ModelSettings } from '@touchstone/schemas';
import { z } from 'zod';

/** Fields of a request that mean something to such a model alone. */
export const LOCAL_FIELDS = ['accelerator', 'revision', 'torch_dtype', 'trust_remote_code', 'batch_size'] as const;

const LocalRequest = z.looseObject({
  accelerator: z.string().nullish(),
  revision: z.string().nullish(),
  torch_dtype: z.string().nullish(),
  trust_remote_code: z.boolean().nullish(),
  batch_size: z.int().nullish(),
  max_new_tokens: z.int().nullish(),
});

const DEVICES: Record<string, 'cpu' | 'gpu'> = { cpu: 'cpu', cuda: 'gpu', gpu: 'gpu' };
const COMMIT = /^[0-9a-f]{40}$/;

/** @throws ZodError where a field is of another type. */
export function toLocalModel(
  model: string,
  request: Record<string, unknown>,
  note: (text: string) => void,
): z.input<typeof ModelSettings> {
  const { accelerator, revision, torch_dtype, trust_remote_code, batch_size, max_new_tokens } =
    LocalRequest.parse(request);
  note(
    'A model of Hugging Face runs on the cluster: the instance needs the extra for it (`npm start -- --with hf`). It answers without chance: temperature and top_p are left out.',
  );
  const device = DEVICES[accelerator?.toLowerCase() ?? ''];
  if (accelerator && accelerator !== 'auto' && !device)
    note(`"accelerator" is left out: ${accelerator} is not known here.`);
  const dtype = LOCAL_SETTINGS.dtype.safeParse(torch_dtype ?? undefined).data;
  if (torch_dtype && torch_dtype !== 'auto' && !dtype)
    note(`"torch_dtype" is left out: ${torch_dtype} is not known here.`);
  const isPinned = COMMIT.test(revision ?? '');
  if (trust_remote_code && !isPinned)
    note(
      `"trust_remote_code" is left out of "${model}": it needs a commit as its revision, because a branch can change.`,
    );
  const generation: Generation = max_new_tokens ? { max_new_tokens } : {};
  return {
    model: HUB_PREFIX + model,
    ...(revision && revision !== 'main' ? { revision } : {}),
    ...(dtype ? { dtype } : {}),
    ...(device ? { device } : {}),
    ...(batch_size && batch_size > 1 ? { batch_size } : {}),
    ...(trust_remote_code && isPinned ? { trust_remote_code } : {}),
    ...(Object.keys(generation).length > 0 ? { generation } : {}),
  };
}
