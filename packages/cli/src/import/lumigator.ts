/** What was sent to Lumigator's API (a workflow, an experiment with its workflows, jobs) as a config of `touchstone run`. */
import {
  BaseUrl,
  ExperimentConfig,
  explainError,
  explainUnknown,
  METRIC_TYPES,
  MetricRef,
  type ModelSettings,
  type Params,
  PROVIDERS,
  ProviderId,
  SecretName,
  Task,
} from '@touchstone/schemas';
import { z } from 'zod';
import { BadInput } from '../failure.ts';
import { LOCAL_FIELDS, toLocalModel } from './lumigator-local.ts';

export type ImportedConfig = {
  /** Valid for ExperimentConfig, as a person would write it. */
  config: z.input<typeof ExperimentConfig>;
  /** What is different here or could not be carried over, a sentence or two each. */
  notes: string[];
};

export type ImportedDataset = { file: string } | { id: string };

/** Lumigator reads this column, and `ground_truth` where there is one: what Touchstone does where a config names neither. */
const INPUT_COLUMN = 'examples';

/**
 * One request with its `job_config` and `generation_config` laid flat. Lumigator's names over its versions: WorkflowCreateRequest,
 * JobCreate, and ExperimentCreate as it was before there were workflows (`task`, `model_url`, `model: "hf://…"`).
 */
const Request = z.looseObject({
  name: z.string().nullish(),
  description: z.string().nullish(),
  dataset: z.string().nullish(),
  max_samples: z.int().nullish(),
  task: z.string().nullish(),
  task_definition: z
    .looseObject({
      task: z.string(),
      source_language: z.string().nullish(),
      target_language: z.string().nullish(),
      system_prompt: z.string().nullish(),
    })
    .nullish(),
  job_type: z.string().nullish(),
  model: z.string().nullish(),
  provider: z.string().nullish(),
  base_url: z.string().nullish(),
  model_url: z.string().nullish(),
  system_prompt: z.string().nullish(),
  secret_key_name: z.string().nullish(),
  metrics: z.array(z.string()).nullish(),
  job_timeout_sec: z.int().nullish(),
  max_new_tokens: z.int().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  frequency_penalty: z.number().nullish(),
});
type Request = z.infer<typeof Request>;

/** Lumigator's names of providers (LiteLLM's) where ours is another, and the schemes that models had before they had a provider. */
const PROVIDER_NAMES: Record<string, string> = {
  oai: 'openai',
  together_ai: 'together',
  fireworks_ai: 'fireworks',
  ollama_chat: 'ollama',
  hosted_vllm: 'vllm',
  lm_studio: 'lm-studio',
};

const METRICS: Record<string, MetricRef> = { token_length: 'length_tokens' };

/** Fields that mean nothing here, or that only an answer of Lumigator's has. */
const WITHOUT_MEANING = [
  ...['id', 'experiment_id', 'created_at', 'updated_at', 'status', 'jobs', 'parameters', 'artifacts_download_url'],
  ...['job_type', 'config_template', 'inference_output_field', 'output_field', 'skip_inference', 'batch_size'],
];
/** Fields with a meaning that the config has no place for: the value that needs no word, and what to say of another. */
const NOT_CARRIED: Record<string, { usual: unknown[]; word: string }> = {
  store_to_dataset: { usual: [false], word: 'save the answers of a workflow as a dataset on its page' },
  llm_as_judge: { usual: [], word: 'there is no judge yet' },
  accelerator: { usual: ['auto'], word: 'the endpoint decides where the model runs' },
  revision: { usual: ['main'], word: 'the endpoint decides which revision it serves' },
  torch_dtype: { usual: ['auto'], word: 'the endpoint decides in which type it computes' },
  use_fast: { usual: [true], word: 'the endpoint has its own tokenizer' },
  trust_remote_code: { usual: [false], word: 'the endpoint loads the model' },
};

/** @throws BadInput where nothing of it can be run, saying why */
export function importLumigator(payload: unknown, dataset?: ImportedDataset): ImportedConfig {
  const requests = readRequests(payload);
  const notes = new Set<string>();
  const note = (text: string) => void notes.add(text);

  const models = requests.flatMap((request) => toModel(request, requests.length > 1, note));
  if (models.length === 0) throw new BadInput(explainNoModel([...notes]));
  nameOnce(models);
  const experiment = requests.find(({ model, job_type }) => !model && !job_type) ?? requests[0]!;
  const rows = toRows(requests, note);
  const metrics = toMetrics(requests, note);
  const time_limit_s = theOne('job_timeout_sec', requests, ({ job_timeout_sec }) => job_timeout_sec);
  for (const request of requests) noteWhatIsLeft(request, note);
  const config = {
    name: experiment.name?.trim().slice(0, 200) || 'Imported from Lumigator',
    ...(experiment.description?.trim() ? { description: experiment.description.trim().slice(0, 2000) } : {}),
    dataset: { ...(dataset ?? missingDataset(requests, note)), input: INPUT_COLUMN },
    task: toTask(requests),
    ...hoistPrompts(models),
    models,
    ...(metrics.length > 0 ? { metrics } : {}),
    ...(rows === null ? {} : { rows }),
    ...(time_limit_s == null ? {} : { time_limit_s }),
  };
  const checked = ExperimentConfig.safeParse(config);
  if (!checked.success) throw new BadInput(explainError(checked.error));
  return { config, notes: [...notes] };
}

/** The requests in it: one, a list, or an experiment with its `workflows`. */
function readRequests(payload: unknown): Request[] {
  const items = (Array.isArray(payload) ? payload : [payload]).flatMap((item: unknown) => {
    if (!isRecord(item)) return [item];
    const { workflows, experiment, ...rest } = item;
    const whole = isRecord(experiment) ? experiment : rest;
    return Array.isArray(workflows) ? [whole, ...(workflows as unknown[])] : [whole];
  });
  if (items.length === 0) throw new BadInput('The list is empty.');
  if (items.length > 50) throw new BadInput(`These are ${items.length} requests: an experiment has at most 50 models.`);
  return items.map((item, i) => {
    const where = items.length > 1 ? `Request ${i + 1}: ` : '';
    if (!isRecord(item)) {
      throw new BadInput(
        `${where}This is no request to Lumigator, which is an object with "name", "model" and "dataset".`,
      );
    }
    const flat = layFlat(layFlat(item, 'job_config'), 'generation_config');
    const request = Request.safeParse(flat);
    if (!request.success) throw new BadInput(`${where}${explainError(request.error)}`);
    return request.data;
  });
}

/** The object with the fields of `key` beside its own. */
function layFlat(item: Record<string, unknown>, key: string): Record<string, unknown> {
  const { [key]: inner, ...rest } = item;
  return { ...rest, ...(isRecord(inner) ? inner : {}) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Note = (text: string) => void;

function explainNoModel(notes: string[]): string {
  const why =
    notes.length > 0 ? notes : ['No request names a model: add the workflows of the experiment as "workflows".'];
  return ['There is no model here that could be run.', ...why].join('\n');
}

function toModel(request: Request, isOneOfSeveral: boolean, note: Note): z.input<typeof ModelSettings>[] {
  if (!request.model?.trim()) {
    if (request.job_type === 'annotate')
      note(
        'An annotation job is left out: `npx touchstone jobs create annotation` makes one, also of a model from Hugging Face.',
      );
    return [];
  }
  const [, scheme, path] = /^([a-z]+):\/\/(.+)$/.exec(request.model) ?? [];
  const model = (path ?? request.model).trim();
  const named = request.provider?.trim().toLowerCase() || scheme || '';
  const id = ProviderId.safeParse(Object.hasOwn(PROVIDER_NAMES, named) ? PROVIDER_NAMES[named] : named).data;
  const provider = id && !PROVIDERS[id].base_url.includes('RESOURCE') ? PROVIDERS[id] : null;
  const address = request.base_url || request.model_url || provider?.base_url;
  if (!address) {
    if (isLoadedByJob(request)) return [{ ...toName(request, isOneOfSeveral), ...toLocalModel(model, request, note) }];
    note(`"${model}" is left out: it has no "base_url", and the address of the provider "${named}" is not known here.`);
    return [];
  }
  const base_url = toBaseUrl(address, note);
  if (!BaseUrl.safeParse(base_url).success) {
    note(`"${model}" is left out: "${address}" is not an http or https address without a key in it.`);
    return [];
  }
  const secret = toSecret(request.secret_key_name || (address === provider?.base_url ? provider.secret : null), note);
  return [
    {
      ...toName(request, isOneOfSeveral),
      model,
      base_url,
      ...(secret ? { secret } : {}),
      ...toPrompt(request, note),
      params: toParams(request, note),
    },
  ];
}

function toName({ name }: Request, isOneOfSeveral: boolean): { name?: string } {
  return isOneOfSeveral && name?.trim() ? { name: name.trim().slice(0, 200) } : {};
}

/** Whether Lumigator's own job loaded the model, from Hugging Face. */
function isLoadedByJob({ model, provider, base_url, model_url }: Request): boolean {
  const isHub = provider?.trim().toLowerCase() === 'hf' || (!provider && Boolean(model?.startsWith('hf://')));
  return isHub && !base_url && !model_url;
}

/** A name that an earlier model has is left to be made from the model's. */
function nameOnce(models: z.input<typeof ModelSettings>[]): void {
  const taken = new Set<string>();
  for (const model of models) {
    if (model.name === undefined) continue;
    if (taken.has(model.name)) delete model.name;
    else taken.add(model.name);
  }
}

/** As it is seen from this machine, with the path under which servers speak the OpenAI API. */
function toBaseUrl(address: string, note: Note): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  if (url.hostname === 'host.docker.internal') {
    url.hostname = '127.0.0.1';
    note('"host.docker.internal" is how Lumigator’s containers called this machine: it is 127.0.0.1 here.');
  }
  if (url.pathname === '/') {
    url.pathname = '/v1';
    note(`${address} has no path: ${url.href} is asked. Change it where the endpoint has another.`);
  }
  return url.href.replace(/\/(chat\/completions\/?)?$/, '');
}

function toSecret(name: string | null | undefined, note: Note): string | null {
  if (!name?.trim()) return null;
  const secret = name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '_')
    .replace(/^[^a-z]+/, '')
    .slice(0, 63);
  if (!SecretName.safeParse(secret).success) {
    note('The name of the key could not be carried over: name one with `secret`.');
    return null;
  }
  note(`Keys are not part of a request: store this one with \`npx touchstone secrets set ${secret}\`.`);
  return secret;
}

/** Lumigator sent the system prompt and the row alone. */
function toPrompt(request: Request, note: Note): { prompt?: string; system_prompt?: string } {
  const system_prompt = request.system_prompt?.trim() || request.task_definition?.system_prompt?.trim();
  if (!system_prompt) {
    note('A model without a system prompt in its request gets Touchstone’s prompt for the task, not Lumigator’s.');
    return {};
  }
  if (/\{\{.*\}\}/s.test(system_prompt))
    note('"{{…}}" in the system prompt stands for a column here: change it if it was meant as it is.');
  return { prompt: `{{${INPUT_COLUMN}}}`, system_prompt };
}

/** Lumigator's own values where the request has none. */
function toParams(request: Request, note: Note): Params {
  const { temperature, top_p, max_new_tokens, frequency_penalty } = request;
  if (temperature == null || top_p == null || max_new_tokens == null)
    note('Sampling settings that a request leaves out are Lumigator’s own: temperature 0.5, top_p 0.5, 1,024 tokens.');
  return {
    temperature: temperature ?? 0.5,
    top_p: top_p ?? 0.5,
    max_tokens: max_new_tokens ?? 1024,
    ...(frequency_penalty ? { frequency_penalty } : {}),
  };
}

/** A prompt that all models have belongs to the experiment. */
function hoistPrompts(models: z.input<typeof ModelSettings>[]): { prompt?: string; system_prompt?: string } {
  const { prompt, system_prompt } = models[0]!;
  if (!prompt || models.some((model) => model.system_prompt !== system_prompt)) return {};
  for (const model of models) {
    delete model.prompt;
    delete model.system_prompt;
  }
  return { prompt, ...(system_prompt ? { system_prompt } : {}) };
}

function toTask(requests: Request[]): Task {
  const task = theOne('task', requests, ({ task_definition, task }) => {
    const name = task_definition?.task ?? task;
    if (name !== 'translation') return name;
    const { source_language, target_language } = task_definition ?? {};
    if (!source_language || !target_language)
      throw new BadInput('A translation needs "source_language" and "target_language" in its "task_definition".');
    return { translation: { source: source_language, target: target_language } };
  });
  const parsed = Task.safeParse(task ?? 'summarization');
  if (!parsed.success) throw new BadInput(`task: ${parsed.error.issues[0]!.message}`);
  return parsed.data;
}

function toRows(requests: Request[], note: Note): number | null {
  const rows = theOne('max_samples', requests, ({ max_samples }) => max_samples);
  if (rows == null || rows < 1) return null;
  note(`Lumigator took the first ${rows} rows; a random sample of ${rows} is drawn here, the same for every model.`);
  return rows;
}

/** What all the requests say that say something. @throws BadInput where they differ */
function theOne<T>(name: string, requests: Request[], read: (request: Request) => T): T | undefined {
  const values = requests.map(read).filter((value) => value != null);
  if (new Set(values.map((value) => JSON.stringify(value))).size > 1)
    throw new BadInput(
      `The requests differ in ${name}, and an experiment has one for all its models: import them one by one.`,
    );
  return values[0];
}

function toMetrics(requests: Request[], note: Note): MetricRef[] {
  const asked = [...new Set(requests.flatMap(({ metrics }) => metrics ?? []))];
  const metrics = asked.flatMap((name) => {
    const metric = MetricRef.safeParse(Object.hasOwn(METRICS, name) ? METRICS[name] : name);
    if (metric.success) return [metric.data];
    note(`The metric "${name}" is left out. ${explainUnknown(name, METRIC_TYPES)}`);
    return [];
  });
  if (asked.length > 0 && metrics.length === 0) note('None of the metrics is here: those of the task are computed.');
  return metrics;
}

function missingDataset(requests: Request[], note: Note): { file: string } {
  const id = theOne('dataset', requests, ({ dataset }) => dataset?.trim());
  const file = `${id && /^[\w-]{1,64}$/.test(id) ? id : 'dataset'}.csv`;
  note(`The dataset is not part of a request: save Lumigator’s as ${file} beside this config, or name another file.`);
  return { file };
}

function noteWhatIsLeft(request: Request, note: Note): void {
  for (const [key, value] of Object.entries(request)) {
    if (Object.hasOwn(Request.shape, key) || WITHOUT_MEANING.includes(key) || value == null) continue;
    if (isLoadedByJob(request) && LOCAL_FIELDS.some((field) => field === key)) continue;
    const known = Object.hasOwn(NOT_CARRIED, key) ? NOT_CARRIED[key]! : null;
    if (!known) note(`"${key.slice(0, 60)}" is left out: no field of Lumigator’s is called so.`);
    else if (!known.usual.includes(value)) note(`"${key}" is left out: ${known.word}.`);
  }
}
