/** Models that run on the cluster itself, with transformers: the extra `hf`. */
import { z } from 'zod';
import { object } from './common.ts';
import { HourPrice } from './price.ts';

/** `hf/facebook/bart-large-cnn`: a repository of the Hugging Face Hub. */
export const HUB_PREFIX = 'hf/';
/** `local/my-model`: a folder of the instance's models folder. */
export const FOLDER_PREFIX = 'local/';

/** Where a token for gated models of the Hub goes. */
export const HUB_ORIGIN = 'https://huggingface.co';

/** A repository as the Hub allows it: `gpt2`, `facebook/bart-large-cnn`. */
const REPOSITORY = /^[A-Za-z0-9][\w.-]{0,95}(\/[A-Za-z0-9][\w.-]{0,95})?$/;
/** Folders by their names alone: nothing leads out of the models folder. */
const FOLDER = /^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)*$/;
const COMMIT = /^[0-9a-f]{40}$/;

/** Whether a model runs here, by what a person wrote: with an address, the name is the endpoint's. */
export function isLocalModel(settings: { model: string; endpoint?: unknown; base_url?: unknown }): boolean {
  const { model, endpoint, base_url } = settings;
  const hasPrefix = model.startsWith(HUB_PREFIX) || model.startsWith(FOLDER_PREFIX);
  return hasPrefix && endpoint === undefined && base_url === undefined;
}

/** How an answer is generated, as transformers' GenerationConfig names it. Left out: as the model's own configuration says, and without chance. */
export const Generation = object({
  max_new_tokens: z.int().min(1).max(100_000).optional(),
  /** Of the answer; of encoder-decoder models the whole of it. */
  max_length: z.int().min(1).max(100_000).optional(),
  min_length: z.int().min(0).max(100_000).optional(),
  min_new_tokens: z.int().min(0).max(100_000).optional(),
  num_beams: z.int().min(1).max(64).optional(),
  length_penalty: z.number().min(-10).max(10).optional(),
  no_repeat_ngram_size: z.int().min(0).max(100).optional(),
  early_stopping: z.union([z.boolean(), z.literal('never')]).optional(),
  repetition_penalty: z.number().min(0.1).max(10).optional(),
  do_sample: z.boolean().optional(),
  temperature: z.number().min(0.01).max(10).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.int().min(1).max(100_000).optional(),
  seed: z.int().min(0).max(4_294_967_295).optional(),
});
export type Generation = z.infer<typeof Generation>;

/** What a person can say of a model that runs on the cluster. */
export const LOCAL_SETTINGS = {
  /** Branch, tag or commit of the Hub's repository. */
  revision: z
    .string()
    .regex(/^[\w.-][\w./-]{0,199}$/, 'A branch, a tag or a commit.')
    .optional(),
  /** Left out: float32 on processors, the weights' own on GPUs. */
  dtype: z.enum(['float32', 'float16', 'bfloat16']).optional(),
  /** Left out: a GPU where the cluster has one. */
  device: z.enum(['cpu', 'gpu']).optional(),
  /** Longer inputs are cut, and the row says so. Left out: as many as the model takes. */
  max_input_tokens: z.int().min(8).max(10_000_000).optional(),
  /** Rows at once in one copy of the model. */
  batch_size: z.int().min(1).max(1024).optional(),
  generation: Generation.optional(),
  /** Runs Python that comes with the model: only where the instance's owner allowed it, and of a commit. */
  trust_remote_code: z.boolean().optional(),
} as const;
export type LocalSetting = keyof typeof LOCAL_SETTINGS;
export const LOCAL_SETTING_NAMES = Object.keys(LOCAL_SETTINGS) as LocalSetting[];

/** What is wrong with a local model's settings, by field. */
export function explainLocalModel(settings: {
  model: string;
  revision?: string | undefined;
  secret?: string | undefined;
  trust_remote_code?: boolean | undefined;
}): { path: string; message: string }[] {
  const { model, revision, secret, trust_remote_code } = settings;
  const fail = (path: string, message: string) => ({ path, message });
  if (model.startsWith(FOLDER_PREFIX)) {
    const isFolder = FOLDER.test(model.slice(FOLDER_PREFIX.length));
    return [
      ...(isFolder
        ? []
        : [fail('model', 'The name of a folder in the models folder of this instance: "local/my-model".')]),
      ...(revision === undefined ? [] : [fail('revision', 'A folder has no revisions.')]),
      ...(secret === undefined ? [] : [fail('secret', 'A folder needs no key.')]),
      ...(trust_remote_code ? [fail('trust_remote_code', 'Only of a commit of the Hub: a folder can change.')] : []),
    ];
  }
  const isRepository = REPOSITORY.test(model.slice(HUB_PREFIX.length));
  return [
    ...(isRepository ? [] : [fail('model', 'A repository of the Hugging Face Hub: "hf/facebook/bart-large-cnn".')]),
    ...(trust_remote_code && !COMMIT.test(revision ?? '')
      ? [fail('revision', 'trust_remote_code needs a commit (40 hexadecimal digits): a branch can change.')]
      : []),
  ];
}

/** A model that runs on the cluster, in a job's spec. */
export const LocalModel = object({
  protocol: z.literal('transformers'),
  /** With its prefix, `hf/` or `local/`. */
  model: z.string(),
  revision: z.string().nullable(),
  dtype: LOCAL_SETTINGS.dtype.unwrap().nullable(),
  device: LOCAL_SETTINGS.device.unwrap().nullable(),
  max_input_tokens: z.int().min(8).nullable(),
  batch_size: z.int().min(1).nullable(),
  generation: Generation,
  /** `prompt`: a person wrote one for this model; `auto`: what its architecture takes (the text itself, a prefix, the prompt). */
  input: z.enum(['auto', 'prompt']),
  trust_remote_code: z.boolean(),
  has_secret: z.boolean(),
  price: HourPrice.nullable().default(null),
});
