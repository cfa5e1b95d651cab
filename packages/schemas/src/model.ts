import { z } from 'zod';
import { explainUnknown, Json, Name, object } from './common.ts';
import { explainLocalModel, isLocalModel, LOCAL_SETTING_NAMES, LOCAL_SETTINGS } from './local-model.ts';
import { isHourly, Price } from './price.ts';
import { Prompt } from './prompt.ts';

/** Real extractive summarisers with no model in them: the floor of every comparison. */
export const BASELINES = {
  'baseline/lead-3': 'The first three sentences of the input.',
  'baseline/lexrank': 'The three most central sentences of the input (LexRank, Erkan & Radev 2004).',
  'baseline/copy': 'The whole input, unchanged.',
} as const;
export type BaselineName = keyof typeof BASELINES;
export const BASELINE_NAMES = Object.keys(BASELINES) as [BaselineName, ...BaselineName[]];

export function isBaseline(model: string): model is BaselineName {
  return model in BASELINES;
}

export const SecretName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, 'Lower-case letters, digits and _, starting with a letter: "openai_api_key".');

/** Scheme, host, port and path of an OpenAI-compatible route, as in `http://127.0.0.1:9100/v1`. */
export const BaseUrl = z
  .url({ protocol: /^https?$/, error: 'An http or https address such as http://127.0.0.1:9100/v1.', abort: true })
  .max(2000)
  .refine(
    (url) => !new URL(url).username && !new URL(url).password,
    'Keep keys out of the address: store them as a secret.',
  )
  .refine((url) => !new URL(url).search && !new URL(url).hash, 'The address ends before "?" and "#".')
  .overwrite((url) => url.replace(/\/+$/, ''));

/** Sampling parameters as the OpenAI chat API names them; anything else goes into `extra_body`. */
export const Params = object({
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  max_tokens: z.int().min(1).max(1_000_000).optional(),
  max_completion_tokens: z.int().min(1).max(1_000_000).optional(),
  frequency_penalty: z.number().min(-2).max(2).optional(),
  presence_penalty: z.number().min(-2).max(2).optional(),
  seed: z.int().optional(),
});
export type Params = z.infer<typeof Params>;

/** Keys of the request that Touchstone itself writes. */
const RESERVED_BODY_KEYS = ['model', 'messages', 'stream', 'stop', 'n'];

/** What an endpoint is called in configs: `my-vllm`. */
export const EndpointName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'Lower-case letters, digits, ".", "_" and "-": "my-vllm".');

/** Calls at once. */
export const Concurrency = z.int().min(1).max(1000);
/** Where nobody set a number, to begin with; then it is found by trying, up to the last. */
export const DEFAULT_CONCURRENCY = 10;
export const LOCAL_CONCURRENCY = 4;
export const MAX_FOUND_CONCURRENCY = 256;

/** How an endpoint is spoken to: OpenAI's chat completions, or Anthropic's messages. */
export const Protocol = z.enum(['openai', 'anthropic']);
export type Protocol = z.infer<typeof Protocol>;

/** What only a model at an endpoint has. */
const ENDPOINT_SETTINGS = ['protocol', 'timeout', 'stream', 'params', 'stop', 'extra_body'] as const;

/** One model with its settings: what becomes a workflow. */
export const ModelSettings = object({
  /** Unique in the experiment; made from `model` where left out. */
  name: Name.optional(),
  /** `baseline/lead-3`, `hf/facebook/bart-large-cnn`, `local/a-folder`, or the name that the endpoint knows the model by. */
  model: z.string().trim().min(1).max(300),
  /** A registered endpoint: it gives base_url and secret, and says how many calls at once there may be. */
  endpoint: EndpointName.optional(),
  base_url: BaseUrl.optional(),
  /** Left out: that of the provider at this address, else OpenAI's. */
  protocol: Protocol.optional(),
  secret: SecretName.optional(),
  /** Calls at once, from the first call on and never more; left out: it is found by trying. */
  concurrency: Concurrency.optional(),
  /** Seconds until one call is given up. */
  timeout: z.int().min(1).max(3600).optional(),
  /** Ask for answers as a stream: gives the time to the first token. */
  stream: z.boolean().optional(),
  /** Without one, cost is known only where the endpoint says what a call cost. */
  price: Price.optional(),
  prompt: Prompt.optional(),
  system_prompt: Prompt.optional(),
  params: Params.optional(),
  stop: z.array(z.string().min(1)).max(16).optional(),
  extra_body: z
    .record(z.string(), Json)
    .refine(
      (body) => !RESERVED_BODY_KEYS.some((key) => key in body),
      `${RESERVED_BODY_KEYS.join(', ')} are set by Touchstone.`,
    )
    .optional(),
  ...LOCAL_SETTINGS,
}).superRefine((settings, context) => {
  const fail = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  const forbid = (keys: readonly (keyof typeof settings)[], message: (key: string) => string) => {
    for (const key of keys) if (settings[key] !== undefined) fail(key, message(key));
  };
  if (settings.model.startsWith('baseline/') && !isBaseline(settings.model)) {
    fail('model', explainUnknown(settings.model, BASELINE_NAMES));
  } else if (isBaseline(settings.model)) {
    forbid(
      [
        ...ENDPOINT_SETTINGS,
        'price',
        'endpoint',
        'base_url',
        'secret',
        'prompt',
        'system_prompt',
        ...LOCAL_SETTING_NAMES,
      ],
      (key) => `A baseline has no ${key}: it works on the input column itself.`,
    );
  } else if (isLocalModel(settings)) {
    forbid(ENDPOINT_SETTINGS, (key) =>
      key === 'params'
        ? 'A model that runs here has no params: write its parameters under generation, as transformers names them.'
        : `A model that runs here has no ${key}: that is for endpoints.`,
    );
    if (settings.price && !isHourly(settings.price)) {
      fail('price', 'A model that runs here is paid by the hour: { per_hour: 1.2 }, in US dollars.');
    }
    for (const { path, message } of explainLocalModel(settings)) fail(path, message);
  } else if (settings.base_url === undefined && settings.endpoint === undefined) {
    fail(
      'base_url',
      `"${settings.model}" needs a base_url, the address of its OpenAI-compatible endpoint, or the name of a registered endpoint, unless it is a baseline (${BASELINE_NAMES.join(', ')}) or runs here (hf/<repository>, local/<folder>).`,
    );
  } else {
    forbid(
      LOCAL_SETTING_NAMES,
      (key) => `${key} is for models that run here (hf/…, local/…): an endpoint decides that itself.`,
    );
  }
});
export type ModelSettings = z.infer<typeof ModelSettings>;

/** As a person writes it: the name of a baseline alone, or the settings. */
export type ModelRef = string | z.input<typeof ModelSettings>;
export const ModelRef = z.preprocess<unknown, typeof ModelSettings, ModelRef>(
  (ref) => (typeof ref === 'string' ? { model: ref } : ref),
  ModelSettings,
);

/**
 * Each workflow's name, in the order of the models: the one given, else `lead-3` for `baseline/lead-3` and `Llama` for `org/Llama`,
 * made unique by ` 2`, ` 3`, …; `others` are names that are taken besides.
 */
export function workflowNames(models: readonly ModelRef[], others: readonly string[] = []): string[] {
  const settings = models.map((ref) => (typeof ref === 'string' ? { model: ref } : ref));
  const taken = new Set([...others, ...settings.flatMap(({ name }) => (name === undefined ? [] : [name]))]);
  return settings.map((model) => {
    if (model.name !== undefined) return model.name;
    const name = freeName(model.model.split('/').at(-1)!, taken);
    taken.add(name);
    return name;
  });
}

/** The name itself, or the first of `name 2`, `name 3`, … that is not taken. */
export function freeName(base: string, taken: ReadonlySet<string>): string {
  let name = base;
  for (let n = 2; taken.has(name); n++) name = `${base} ${n}`;
  return name;
}
