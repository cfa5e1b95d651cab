/** Where models can be reached: presets for hosted providers and for model servers of one's own. To add one, add an entry. */
import { oneOf } from './common.ts';
import { BaseUrl, DEFAULT_CONCURRENCY, LOCAL_CONCURRENCY, type Params, type Protocol } from './model.ts';

export type Provider = {
  label: string;
  /** Of the route that speaks its protocol; words in capitals are to be replaced. */
  base_url: string;
  /** How it is spoken to. */
  protocol: Protocol;
  /** What its key is called among the secrets; null: it asks for none. */
  secret: string | null;
  /** `hosted`: a service with accounts. `local`: a program on one's own machines. */
  kind: 'hosted' | 'local';
  /** The command that serves a model, with `{model}` for its name; null: nothing to start. */
  start: string | null;
  /** Calls at once to begin with, where nobody set a number: a local server queues what it cannot run. */
  concurrency: number;
  /** What it calls the limit of tokens in an answer. */
  max_tokens_as: 'max_tokens' | 'max_completion_tokens';
  /** Parameters that it does not have. */
  lacks: readonly (keyof Params)[];
  /** Counts the tokens of a stream only where it is asked to (`stream_options`). */
  stream_options: boolean;
  /** Its list of models is shown without a key, so that reading it proves nothing about the key. */
  public_models: boolean;
  docs: string;
  /** What a person has to know; empty: nothing. */
  note: string;
};

const hosted = (
  provider: Pick<Provider, 'label' | 'base_url' | 'docs'> & { secret: string } & Partial<Provider>,
): Provider => ({
  protocol: 'openai',
  kind: 'hosted',
  start: null,
  concurrency: DEFAULT_CONCURRENCY,
  max_tokens_as: 'max_tokens',
  lacks: [],
  stream_options: true,
  public_models: false,
  note: '',
  ...provider,
});

const local = (provider: Pick<Provider, 'label' | 'base_url' | 'docs' | 'start'> & Partial<Provider>): Provider => ({
  protocol: 'openai',
  secret: null,
  kind: 'local',
  concurrency: LOCAL_CONCURRENCY,
  max_tokens_as: 'max_tokens',
  lacks: [],
  stream_options: true,
  public_models: false,
  note: '',
  ...provider,
});

export const PROVIDER_IDS = [
  'openai',
  'anthropic',
  'mistral',
  'deepseek',
  'gemini',
  'groq',
  'xai',
  'together',
  'fireworks',
  'openrouter',
  'huggingface',
  'azure-openai',
  'ollama',
  'vllm',
  'llama-cpp',
  'llamafile',
  'lm-studio',
  'sglang',
] as const;
export const ProviderId = oneOf(PROVIDER_IDS);
export type ProviderId = (typeof PROVIDER_IDS)[number];

export const PROVIDERS: Record<ProviderId, Provider> = {
  openai: hosted({
    label: 'OpenAI',
    base_url: 'https://api.openai.com/v1',
    secret: 'openai_api_key',
    max_tokens_as: 'max_completion_tokens',
    docs: 'https://platform.openai.com/docs/api-reference/chat',
    note: 'Reasoning models (GPT-5 and later, o-series) refuse a temperature, and their reasoning counts towards the limit of tokens.',
  }),
  anthropic: hosted({
    label: 'Anthropic',
    base_url: 'https://api.anthropic.com/v1',
    protocol: 'anthropic',
    secret: 'anthropic_api_key',
    lacks: ['frequency_penalty', 'presence_penalty', 'seed'],
    docs: 'https://docs.anthropic.com/en/api/messages',
    note: 'An answer ends after 4,096 tokens unless max_tokens says otherwise; a temperature is from 0 to 1.',
  }),
  mistral: hosted({
    label: 'Mistral',
    base_url: 'https://api.mistral.ai/v1',
    secret: 'mistral_api_key',
    stream_options: false,
    docs: 'https://docs.mistral.ai/api',
  }),
  deepseek: hosted({
    label: 'DeepSeek',
    base_url: 'https://api.deepseek.com/v1',
    secret: 'deepseek_api_key',
    docs: 'https://api-docs.deepseek.com',
    note: 'Its models think first; {"thinking": {"type": "disabled"}} as extra body switches that off.',
  }),
  gemini: hosted({
    label: 'Google Gemini',
    base_url: 'https://generativelanguage.googleapis.com/v1beta/openai',
    secret: 'gemini_api_key',
    docs: 'https://ai.google.dev/gemini-api/docs/openai',
  }),
  groq: hosted({
    label: 'Groq',
    base_url: 'https://api.groq.com/openai/v1',
    secret: 'groq_api_key',
    docs: 'https://console.groq.com/docs/openai',
  }),
  xai: hosted({
    label: 'xAI',
    base_url: 'https://api.x.ai/v1',
    secret: 'xai_api_key',
    docs: 'https://docs.x.ai/docs/api-reference',
  }),
  together: hosted({
    label: 'Together',
    base_url: 'https://api.together.xyz/v1',
    secret: 'together_api_key',
    docs: 'https://docs.together.ai/docs/openai-api-compatibility',
  }),
  fireworks: hosted({
    label: 'Fireworks',
    base_url: 'https://api.fireworks.ai/inference/v1',
    secret: 'fireworks_api_key',
    docs: 'https://docs.fireworks.ai/tools-sdks/openai-compatibility',
  }),
  openrouter: hosted({
    label: 'OpenRouter',
    base_url: 'https://openrouter.ai/api/v1',
    secret: 'openrouter_api_key',
    public_models: true,
    docs: 'https://openrouter.ai/docs/api-reference/overview',
  }),
  huggingface: hosted({
    label: 'Hugging Face router',
    base_url: 'https://router.huggingface.co/v1',
    secret: 'hf_api_key',
    public_models: true,
    docs: 'https://huggingface.co/docs/inference-providers',
    note: 'A model may name who runs it: openai/gpt-oss-20b:groq.',
  }),
  'azure-openai': hosted({
    label: 'Azure OpenAI',
    base_url: 'https://RESOURCE.openai.azure.com/openai/v1',
    secret: 'azure_openai_api_key',
    max_tokens_as: 'max_completion_tokens',
    docs: 'https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle',
    note: 'Replace RESOURCE with the name of the resource. A model is called by the name of its deployment; the v1 route needs no api-version.',
  }),
  ollama: local({
    label: 'Ollama',
    base_url: 'http://127.0.0.1:11434/v1',
    start: 'ollama pull {model}',
    docs: 'https://docs.ollama.com/api/openai-compatibility',
    note: 'It cuts a longer prompt off at its context length without a word: set OLLAMA_CONTEXT_LENGTH to what the data needs.',
  }),
  vllm: local({
    label: 'vLLM',
    base_url: 'http://127.0.0.1:8000/v1',
    start: 'vllm serve {model}',
    concurrency: 32,
    docs: 'https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html',
    note: 'Started with --api-key it asks for that key.',
  }),
  'llama-cpp': local({
    label: 'llama.cpp',
    base_url: 'http://127.0.0.1:8080/v1',
    start: 'llama-server -hf {model} --port 8080',
    docs: 'https://github.com/ggml-org/llama.cpp/tree/master/tools/server',
  }),
  llamafile: local({
    label: 'llamafile',
    base_url: 'http://127.0.0.1:8080/v1',
    start: './{model}.llamafile --server',
    docs: 'https://github.com/mozilla-ai/llamafile',
  }),
  'lm-studio': local({
    label: 'LM Studio',
    base_url: 'http://127.0.0.1:1234/v1',
    start: 'lms server start',
    docs: 'https://lmstudio.ai/docs/developer/openai-compat',
  }),
  sglang: local({
    label: 'SGLang',
    base_url: 'http://127.0.0.1:30000/v1',
    start: 'python -m sglang.launch_server --model-path {model}',
    concurrency: 32,
    docs: 'https://docs.sglang.ai/basic_usage/openai_api_completions.html',
  }),
};

/** The hosted provider that answers at an address; null: one of one's own, or one that is not known here. */
export function providerOf(baseUrl: string): ProviderId | null {
  const { data } = BaseUrl.safeParse(baseUrl);
  if (data === undefined) return null;
  const { hostname } = new URL(data);
  if (hostname.endsWith('.openai.azure.com')) return 'azure-openai';
  return (
    PROVIDER_IDS.find(
      (id) => PROVIDERS[id].kind === 'hosted' && new URL(PROVIDERS[id].base_url).hostname === hostname,
    ) ?? null
  );
}

/** How an endpoint of this provider is spoken to; one that is not known here speaks OpenAI's protocol, as most do. */
export function protocolOf(provider: ProviderId | null): Protocol {
  return provider === null ? 'openai' : PROVIDERS[provider].protocol;
}

/** The parameters under the names that the provider knows. */
export function paramsFor(provider: ProviderId | null, params: Params): Params {
  const { max_tokens, ...rest } = params;
  const name = provider === null ? 'max_tokens' : PROVIDERS[provider].max_tokens_as;
  return max_tokens === undefined ? rest : { [name]: max_tokens, ...rest };
}
