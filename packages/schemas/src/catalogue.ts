/**
 * Models worth trying first. To add one, add an entry; its test says what is missing.
 *
 * A price is what the provider's own page said on the day `as_of`, as `source` has it; one that nobody looked up is null, never 0.
 */
import { z } from 'zod';
import { Count, object, oneOf } from './common.ts';
import { Generation, HUB_PREFIX } from './local-model.ts';
import { Params, SecretName } from './model.ts';
import { AsOf, TokenPrice } from './price.ts';
import { ProviderId } from './provider.ts';
import { TaskName } from './task.ts';

/** A price as a page had it. */
export const DatedPrice = TokenPrice.extend({
  /** The day, or the month, that it was read. */
  as_of: AsOf,
  /** Null: this instance's own price table. */
  source: z.url().nullable(),
  /** Discounts and peak hours; empty: none. */
  note: z.string().default(''),
});
export type DatedPrice = z.infer<typeof DatedPrice>;

/** One way to reach a model. */
const Route = object({
  provider: ProviderId,
  /** As the provider names it. */
  model: z.string().min(1),
  price: DatedPrice.nullable().default(null),
});

const LocalRoute = object({ model: z.string().startsWith(HUB_PREFIX), generation: Generation });

export const CatalogueModel = object({
  /** For links: `/experiments/new?model=<id>`. */
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  label: z.string().min(1),
  description: z.string().min(1),
  tasks: z.array(TaskName).min(1),
  /** All of them, also those that a mixture of experts leaves idle; null: not published. */
  parameters: Count.nullable(),
  /** Of its weights as published; null: they are not. */
  size_gb: z.number().positive().nullable(),
  licence: z.string().min(1),
  /** Tokens of prompt and answer together; null: not published. */
  context_length: Count.nullable(),
  url: z.url(),
  /** How to reach it, best first; empty: no model server that is known here can run it. */
  routes: z.array(Route),
  params: Params,
  /** How the extra hf runs it on the cluster itself; null: it is reached by one of its routes. */
  local: LocalRoute.nullable().default(null),
});
export type CatalogueModel = z.infer<typeof CatalogueModel>;

/** A model as this instance sees it: what each of its routes still needs. */
export const SuggestedModel = CatalogueModel.extend({
  routes: z.array(
    Route.extend({
      /** The key that it asks for; null: none. */
      secret: object({ name: SecretName, missing: z.boolean() }).nullable(),
      /** Names of the registered endpoints that reach the same provider. */
      endpoints: z.array(z.string()),
    }),
  ),
  /** `missing`: this instance is without the extra hf. */
  local: LocalRoute.extend({ missing: z.boolean() }).nullable(),
});
export type SuggestedModel = z.infer<typeof SuggestedModel>;

export const ModelsListInput = object({ task: TaskName.optional() });

const ANY_TASK: TaskName[] = ['summarization', 'translation', 'text-generation'];
/** The same answer each time, and an end to it. */
const STEADY: Params = { temperature: 0, max_tokens: 1024 };
/** Reasoning counts as answer, and providers refuse a temperature. */
const REASONING: Params = { max_tokens: 4096 };

type Entry = z.input<typeof CatalogueModel>;

const hosted = (entry: Omit<Entry, 'tasks' | 'parameters' | 'size_gb' | 'licence'> & Partial<Entry>): Entry => ({
  tasks: ANY_TASK,
  parameters: null,
  size_gb: null,
  licence: 'Proprietary',
  ...entry,
});

const open = (entry: Omit<Entry, 'tasks' | 'params'> & Partial<Entry>): Entry => ({
  tasks: ANY_TASK,
  params: STEADY,
  ...entry,
});

/** Encoder and decoder: what transformers runs, and the common model servers do not. */
const encoderDecoder = (
  entry: Omit<Entry, 'routes' | 'params' | 'url'> & Partial<Entry>,
  generation: Generation = {},
): Entry => ({
  routes: [],
  params: {},
  local: { model: `${HUB_PREFIX}${entry.label}`, generation },
  url: `https://huggingface.co/${entry.label}`,
  ...entry,
});

const ENTRIES: Entry[] = [
  hosted({
    id: 'gpt-5.6-luna',
    label: 'GPT-5.6 Luna',
    description: 'The fast, inexpensive one of its family, for many short calls.',
    context_length: 1_050_000,
    url: 'https://platform.openai.com/docs/models/gpt-5.6-luna',
    routes: [
      {
        provider: 'openai',
        model: 'gpt-5.6-luna',
        price: {
          input: 0.2,
          output: 1.2,
          as_of: '2026-08-01',
          source: 'https://docs.laozhang.ai/en/announcements/gpt-5-6-pricing-2026-07.md',
          note: 'Prompts up to 272,000 tokens.',
        },
      },
    ],
    params: REASONING,
  }),
  hosted({
    id: 'gpt-5-mini',
    label: 'GPT-5 mini',
    description: 'A small reasoning model: good at well-defined tasks with a precise prompt.',
    context_length: 400_000,
    url: 'https://platform.openai.com/docs/models/gpt-5-mini',
    routes: [
      {
        provider: 'openai',
        model: 'gpt-5-mini',
        price: {
          input: 0.25,
          output: 2,
          as_of: '2026-06-15',
          source: 'https://ai.cloudprice.net/api/v1/models/openai-gpt-5-mini/pricing',
        },
      },
    ],
    params: REASONING,
  }),
  hosted({
    id: 'gpt-4o-mini',
    label: 'GPT-4o mini',
    description:
      'Answers at once, without reasoning. Long the usual choice for cheap bulk work, so a good point of reference.',
    context_length: 128_000,
    url: 'https://platform.openai.com/docs/models/gpt-4o-mini',
    routes: [
      {
        provider: 'openai',
        model: 'gpt-4o-mini',
        price: {
          input: 0.15,
          output: 0.6,
          as_of: '2026-05',
          source: 'https://aimodelcalc.pages.dev/guides/openai-api-pricing.html',
        },
      },
    ],
    params: STEADY,
  }),
  hosted({
    id: 'gpt-4o',
    label: 'GPT-4o',
    description: 'The large one of its generation, without reasoning.',
    context_length: 128_000,
    url: 'https://platform.openai.com/docs/models/gpt-4o',
    routes: [
      {
        provider: 'openai',
        model: 'gpt-4o',
        price: {
          input: 2.5,
          output: 10,
          as_of: '2026-05',
          source: 'https://aimodelcalc.pages.dev/guides/openai-api-pricing.html',
        },
      },
    ],
    params: STEADY,
  }),
  hosted({
    id: 'deepseek-flash',
    label: 'DeepSeek V4.1 Flash',
    description:
      'Large, open and inexpensive; thinks before it answers unless told not to. The successor of DeepSeek V3.',
    licence: 'Open weights',
    context_length: 1_000_000,
    url: 'https://huggingface.co/deepseek-ai/DeepSeek-V4.1-Flash',
    routes: [
      {
        provider: 'deepseek',
        model: 'deepseek-flash',
        price: {
          input: 0.3,
          output: 1.2,
          as_of: '2026-09-10',
          source: 'https://github.com/anomalyco/models.dev/blob/dev/providers/deepseek/models/deepseek-flash.toml',
          note: 'In peak hours; half of it outside of them.',
        },
      },
    ],
    params: { temperature: 0, max_tokens: 4096 },
  }),
  hosted({
    id: 'deepseek-v4-pro',
    label: 'DeepSeek V4 Pro',
    description: 'Reasoning at length, for what is hard. The successor of DeepSeek R1.',
    licence: 'Open weights',
    context_length: 1_000_000,
    url: 'https://api-docs.deepseek.com/quick_start/pricing',
    routes: [
      {
        provider: 'deepseek',
        model: 'deepseek-v4-pro',
        price: {
          input: 1.32,
          output: 3.96,
          as_of: '2026-08-17',
          source: 'https://github.com/anomalyco/models.dev/blob/dev/providers/deepseek/models/deepseek-v4-pro.toml',
          note: 'In peak hours; half of it outside of them.',
        },
      },
    ],
    params: { temperature: 0, max_tokens: 8192 },
  }),
  hosted({
    id: 'gemini-3.8-flash',
    label: 'Gemini 3.8 Flash',
    description: 'Fast, with a very long context; thinks before it answers.',
    context_length: 1_048_576,
    url: 'https://ai.google.dev/gemini-api/docs/models/gemini-3.8-flash',
    routes: [
      {
        provider: 'gemini',
        model: 'gemini-3.8-flash',
        price: {
          input: 0.75,
          output: 3.75,
          as_of: '2026-10-07',
          source: 'https://ai.google.dev/gemini-api/docs/pricing',
          note: 'Until the end of 2026; twice as much from 2027.',
        },
      },
    ],
    params: { temperature: 0, max_tokens: 4096 },
  }),
  hosted({
    id: 'gemini-3.5-flash-lite',
    label: 'Gemini 3.5 Flash-Lite',
    description: 'The smallest of its family, for many short calls.',
    context_length: 1_048_576,
    url: 'https://ai.google.dev/gemini-api/docs/models',
    routes: [
      {
        provider: 'gemini',
        model: 'gemini-3.5-flash-lite',
        price: {
          input: 0.3,
          output: 2.5,
          as_of: '2026-10-07',
          source: 'https://ai.google.dev/gemini-api/docs/pricing',
        },
      },
    ],
    params: { temperature: 0, max_tokens: 4096 },
  }),
  hosted({
    id: 'mistral-large-4',
    label: 'Mistral Large 4',
    description: 'The large model of a European provider; strong in the languages of Europe.',
    context_length: 1_048_576,
    url: 'https://docs.mistral.ai/models/mistral-large-4-0',
    routes: [
      {
        provider: 'mistral',
        model: 'mistral-large-4',
        price: {
          input: 0.68,
          output: 2.09,
          as_of: '2026-10-06',
          source: 'https://docs.mistral.ai/models/mistral-large-4-0',
          note: 'While it is a preview; twice as much after.',
        },
      },
    ],
    params: STEADY,
  }),
  hosted({
    id: 'mistral-small-4',
    label: 'Mistral Small 4',
    description: 'A mixture of experts with open weights, for bulk work.',
    licence: 'Apache-2.0',
    parameters: 119_401_317_952,
    context_length: 256_000,
    url: 'https://huggingface.co/mistralai/Mistral-Small-4-119B-2603',
    routes: [
      { provider: 'mistral', model: 'mistral-small-2603' },
      { provider: 'vllm', model: 'mistralai/Mistral-Small-4-119B-2603' },
    ],
    params: STEADY,
  }),
  open({
    id: 'ministral-3-8b',
    label: 'Ministral 3 8B',
    description: 'Small enough for a laptop, and hosted for little money.',
    parameters: null,
    size_gb: null,
    licence: 'Apache-2.0',
    context_length: 256_000,
    url: 'https://docs.mistral.ai/models/ministral-3-8b-25-12',
    routes: [
      {
        provider: 'mistral',
        model: 'ministral-8b-2512',
        price: {
          input: 0.15,
          output: 0.15,
          as_of: '2026-08-27',
          source: 'https://docs.mistral.ai/inference/pricing',
        },
      },
      { provider: 'ollama', model: 'ministral-3:8b' },
      { provider: 'vllm', model: 'mistralai/Ministral-3-8B-Instruct-2512' },
    ],
  }),
  open({
    id: 'gpt-oss-20b',
    label: 'gpt-oss 20B',
    description: 'OpenAI’s open reasoning model; runs in 16 GB of memory.',
    parameters: 20_914_757_184,
    size_gb: 13.8,
    licence: 'Apache-2.0',
    context_length: 131_072,
    url: 'https://huggingface.co/openai/gpt-oss-20b',
    routes: [
      {
        provider: 'groq',
        model: 'openai/gpt-oss-20b',
        price: {
          input: 0.075,
          output: 0.3,
          as_of: '2026-05-27',
          source: 'https://github.com/anomalyco/models.dev/blob/dev/providers/groq/models/openai/gpt-oss-20b.toml',
        },
      },
      { provider: 'ollama', model: 'gpt-oss:20b' },
      { provider: 'vllm', model: 'openai/gpt-oss-20b' },
    ],
    params: { temperature: 0, max_tokens: 4096 },
  }),
  open({
    id: 'gemma-4-e4b',
    label: 'Gemma 4 E4B',
    description: 'Made for laptops; many languages, so worth a try for translation.',
    parameters: null,
    size_gb: null,
    licence: 'Apache-2.0',
    context_length: 131_072,
    url: 'https://ollama.com/library/gemma4',
    routes: [{ provider: 'ollama', model: 'gemma4:e4b' }],
  }),
  open({
    id: 'llama-3.1-8b',
    label: 'Llama 3.1 8B Instruct',
    description: 'Widely used, so widely compared with.',
    parameters: 8_030_261_248,
    size_gb: 16.1,
    licence: 'Llama 3.1 Community',
    context_length: 131_072,
    url: 'https://huggingface.co/meta-llama/Llama-3.1-8B-Instruct',
    routes: [
      { provider: 'ollama', model: 'llama3.1:8b' },
      { provider: 'vllm', model: 'meta-llama/Llama-3.1-8B-Instruct' },
    ],
  }),
  open({
    id: 'qwen3-8b',
    label: 'Qwen3 8B',
    description: 'Over a hundred languages; thinks before it answers unless told not to.',
    parameters: 8_190_735_360,
    size_gb: 16.4,
    licence: 'Apache-2.0',
    context_length: 32_768,
    url: 'https://huggingface.co/Qwen/Qwen3-8B',
    routes: [
      { provider: 'ollama', model: 'qwen3:8b' },
      { provider: 'vllm', model: 'Qwen/Qwen3-8B' },
    ],
    params: { temperature: 0, max_tokens: 4096 },
  }),
  open({
    id: 'mistral-7b-instruct',
    label: 'Mistral 7B Instruct',
    description: 'An older model, small and well understood; also as one file, with llamafile.',
    parameters: 7_248_023_552,
    size_gb: 14.5,
    licence: 'Apache-2.0',
    context_length: 32_768,
    url: 'https://huggingface.co/mistralai/Mistral-7B-Instruct-v0.3',
    routes: [
      { provider: 'ollama', model: 'mistral:7b' },
      { provider: 'vllm', model: 'mistralai/Mistral-7B-Instruct-v0.3' },
      { provider: 'llamafile', model: 'mistral-7b-instruct-v0.2.Q4_0' },
    ],
  }),
  encoderDecoder(
    {
      id: 'bart-large-cnn',
      label: 'facebook/bart-large-cnn',
      description: 'BART, fine-tuned on news summaries (CNN/Daily Mail). English.',
      tasks: ['summarization'],
      parameters: 406_290_432,
      size_gb: 1.63,
      licence: 'MIT',
      context_length: 1024,
    },
    { num_beams: 4, max_length: 142, min_length: 56, length_penalty: 2, no_repeat_ngram_size: 3, early_stopping: true },
  ),
  encoderDecoder({
    id: 'text-summarization',
    label: 'Falconsai/text_summarization',
    description: 'T5 small, fine-tuned for summaries. English; fast on a CPU.',
    tasks: ['summarization'],
    parameters: 60_506_624,
    size_gb: 0.24,
    licence: 'Apache-2.0',
    context_length: 512,
  }),
  encoderDecoder({
    id: 'mt0-base',
    label: 'bigscience/mt0-base',
    description: 'mT5, fine-tuned to follow instructions in many languages.',
    tasks: ['summarization', 'translation'],
    parameters: 582_401_280,
    size_gb: 2.33,
    licence: 'Apache-2.0',
    context_length: 1024,
  }),
  encoderDecoder({
    id: 'mt0-large',
    label: 'bigscience/mt0-large',
    description: 'The next larger mT0.',
    tasks: ['summarization', 'translation'],
    parameters: 1_229_581_312,
    size_gb: 4.92,
    licence: 'Apache-2.0',
    context_length: 1024,
  }),
  encoderDecoder({
    id: 'mt0-xl',
    label: 'bigscience/mt0-xl',
    description: 'The largest mT0 that a single small GPU runs.',
    tasks: ['summarization', 'translation'],
    parameters: 3_742_619_648,
    size_gb: 15,
    licence: 'Apache-2.0',
    context_length: 1024,
  }),
  encoderDecoder(
    {
      id: 'm2m100-418m',
      label: 'facebook/m2m100_418M',
      description: 'Translates between any two of 100 languages, chosen by code.',
      tasks: ['translation'],
      parameters: 483_905_536,
      size_gb: 1.94,
      licence: 'MIT',
      context_length: 1024,
    },
    { num_beams: 4, max_new_tokens: 256 },
  ),
  encoderDecoder(
    {
      id: 'm2m100-1.2b',
      label: 'facebook/m2m100_1.2B',
      description: 'The larger M2M100.',
      tasks: ['translation'],
      parameters: 1_239_470_080,
      size_gb: 4.96,
      licence: 'MIT',
      context_length: 1024,
    },
    { num_beams: 4, max_new_tokens: 256 },
  ),
  encoderDecoder(
    {
      id: 'opus-mt-en-de',
      label: 'Helsinki-NLP/opus-mt-en-de',
      description:
        'Translates English to German. One of more than a thousand OPUS-MT models, each for one pair of languages.',
      tasks: ['translation'],
      parameters: 74_410_496,
      size_gb: 0.3,
      licence: 'CC-BY-4.0',
      context_length: 512,
    },
    { num_beams: 4, max_new_tokens: 256 },
  ),
];

export const CATALOGUE: CatalogueModel[] = ENTRIES.map((entry) => CatalogueModel.parse(entry));

/** What the catalogue knows that a provider asks for a model; null: unknown. */
export function priceOf(provider: ProviderId | null, model: string): TokenPrice | null {
  const routes = CATALOGUE.flatMap(({ routes }) => routes);
  const price = routes.find((route) => route.provider === provider && route.model === model)?.price;
  return price ? { input: price.input, output: price.output } : null;
}

/** The model that is known by this name: an id or label here, or what a provider or the Hub calls it; null: none. */
export function findCatalogueModel(name: string): CatalogueModel | null {
  const names = ({ id, label, routes, local }: CatalogueModel) => [
    id,
    label,
    local?.model,
    ...routes.map((route) => route.model),
  ];
  return CATALOGUE.find((model) => names(model).includes(name)) ?? null;
}

export const CatalogueId = oneOf(CATALOGUE.map(({ id }) => id) as [string, ...string[]]);
