/**
 * The state of the form for a new experiment, and what follows from it. A value that is null in the state was not touched:
 * it follows the dataset and the task's preset.
 */
import {
  BASELINE_NAMES,
  type BaselineName,
  type CatalogueModel,
  type Dataset,
  DEFAULT_INPUT_COLUMN,
  DEFAULT_REFERENCE_COLUMN,
  DEFAULT_RULE,
  describeMetric,
  type Experiment,
  isBaseline,
  isCheck,
  isHourly,
  isJudge,
  isLocalModel,
  LOCAL_SETTING_NAMES,
  METRIC_GROUPS,
  METRICS,
  type MetricName,
  type MetricRef,
  type MetricSettings,
  type MetricType,
  type ModelRef,
  type ModelSettings,
  type Params,
  type PlainType,
  PROVIDERS,
  type Price,
  type RecommendRule,
  resolveMetrics,
  settingsOf,
  type Task,
  type TaskName,
  taskName,
  taskPreset,
} from '@touchstone/schemas';
import { type BudgetForm, budgetForm, EMPTY_BUDGET, readBudget } from './budget-fields.tsx';
import { type JudgeForm, judgeForm, judgeRef } from './judge-form.ts';

/** The numbers of an endpoint's calls, as the API names them. */
export const PARAM_NAMES = [
  'temperature',
  'max_tokens',
  'top_p',
  'max_completion_tokens',
  'frequency_penalty',
  'presence_penalty',
  'seed',
] as const satisfies readonly (keyof Params)[];
export type ParamName = (typeof PARAM_NAMES)[number];

/** One endpoint model as typed: every field a text, empty where it is left out. */
export type EndpointForm = {
  /** Of the card on the page. */
  key: string;
  name: string;
  /** A registered endpoint, which has the address and the key; empty: they are given here. */
  endpoint: string;
  base_url: string;
  model: string;
  secret: string;
  concurrency: string;
  timeout: string;
  /** Answers as a stream. */
  stream: boolean;
  /** US dollars: per million tokens, or per hour. */
  price: { input: string; output: string; per_hour: string };
  params: Record<ParamName, string>;
  /** One text a line. */
  stop: string;
  /** JSON. */
  extra_body: string;
  /** JSON: what only a model that runs here has, such as its generation. */
  local: string;
  prompt: string;
  system_prompt: string;
};

export type ExperimentForm = {
  dataset_id: string | null;
  input_column: string | null;
  /** `none`: the dataset has no references. */
  reference: { column: string } | 'none' | null;
  /** Empty: rows are independent. */
  group_column: string;
  task: TaskName;
  source_language: string;
  target_language: string;
  prompt: string | null;
  system_prompt: string;
  baselines: ModelSettings[];
  endpoints: EndpointForm[];
  /** Without judges. */
  metrics: MetricSettings[] | null;
  judges: JudgeForm[];
  primary_metric: MetricName | null;
  rows: string;
  seed: string;
  /** Answers of each model to each row. */
  repeats: string;
  budget: BudgetForm;
  /** Changed on the page of the result; a duplicate keeps it. */
  recommend: RecommendRule;
  /** Seconds, of each job. */
  time_limit: string;
  name: string | null;
  description: string;
};

export const EMPTY_FORM: ExperimentForm = {
  dataset_id: null,
  input_column: null,
  reference: null,
  group_column: '',
  task: 'summarization',
  source_language: 'en',
  target_language: 'de',
  prompt: null,
  system_prompt: '',
  baselines: BASELINE_NAMES.map((model) => ({ model })),
  endpoints: [],
  metrics: null,
  judges: [],
  primary_metric: null,
  rows: '',
  seed: '0',
  repeats: '1',
  budget: EMPTY_BUDGET,
  recommend: DEFAULT_RULE,
  time_limit: '',
  name: null,
  description: '',
};

export function emptyEndpoint(key: string): EndpointForm {
  return {
    key,
    name: '',
    endpoint: '',
    base_url: '',
    model: '',
    secret: '',
    concurrency: '',
    timeout: '',
    stream: false,
    price: { input: '', output: '', per_hour: '' },
    params: Object.fromEntries(PARAM_NAMES.map((name) => [name, ''])) as Record<ParamName, string>,
    stop: '',
    extra_body: '',
    local: '',
    prompt: '',
    system_prompt: '',
  };
}

/** A catalogue model as one of its routes reaches it, by a registered endpoint where there is one. */
export function catalogueEndpoint(
  { params, routes }: Pick<CatalogueModel, 'params' | 'routes'>,
  route: number,
  key: string,
  registered?: string,
): EndpointForm {
  const { provider, model } = routes[route] ?? routes[0]!;
  const { base_url, secret } = PROVIDERS[provider];
  const settings: ModelSettings = {
    model,
    params,
    ...(registered ? { endpoint: registered } : { base_url, ...(secret && { secret }) }),
  };
  return endpointForm(settings, key);
}

/** What the form stands for, with everything that was not touched filled in. */
export type Resolved = {
  input_column: string | null;
  reference_column: string | null;
  group_column: string | null;
  task: Task;
  prompt: string;
  metrics: MetricSettings[];
  primary_metric: MetricName | null;
  name: string;
};

const TASK_NAMES: Record<TaskName, string> = {
  summarization: 'summarization',
  translation: 'translation',
  'text-generation': 'text generation',
};

export function resolveForm(form: ExperimentForm, dataset: Dataset | undefined): Resolved {
  const columns = dataset?.columns.map(({ name }) => name) ?? [];
  const has = (column: string | null): column is string => column !== null && columns.includes(column);
  const input_column = has(form.input_column)
    ? form.input_column
    : has(DEFAULT_INPUT_COLUMN)
      ? DEFAULT_INPUT_COLUMN
      : (columns[0] ?? null);
  const asked = form.reference === 'none' ? null : (form.reference?.column ?? DEFAULT_REFERENCE_COLUMN);
  const reference_column = has(asked) ? asked : null;
  const task: Task =
    form.task === 'translation'
      ? { translation: { source: form.source_language, target: form.target_language } }
      : form.task;
  const preset = taskPreset(task, input_column ?? DEFAULT_INPUT_COLUMN);
  const usable = (metric: MetricSettings) =>
    dataset === undefined || reference_column !== null || !METRICS[metric.type].needs_reference;
  const metrics = (form.metrics ?? resolveMetrics(preset.metrics)).filter(usable);
  const judges = form.judges.map(({ name }) => name.trim()).filter((name) => name !== '');
  const isThere = (name: MetricName | null) =>
    name !== null && (judges.includes(name) || metrics.some((metric) => metric.name === name));
  const primary_metric =
    [form.primary_metric, preset.primary_metric].find(isThere) ??
    metrics.find((metric) => describeMetric(metric).direction !== 'none')?.name ??
    judges[0] ??
    metrics[0]?.name ??
    null;
  return {
    input_column,
    reference_column,
    group_column: has(form.group_column) ? form.group_column : null,
    task,
    prompt: form.prompt ?? preset.prompt,
    metrics,
    primary_metric,
    name: form.name ?? (dataset ? `${dataset.name}, ${TASK_NAMES[form.task]}` : ''),
  };
}

/**
 * The shortest way to ask for these metrics: `rouge` for its four, and of a check no setting that says what goes without saying. Corpus
 * BLEU, chrF, chrF++ and TER always bring their sentence form.
 */
export function metricRefs(metrics: readonly MetricSettings[]): MetricRef[] {
  const checks = metrics.filter(isCheck);
  let rest: MetricName[] = metrics.filter((metric) => !isCheck(metric)).map(({ name }) => name);
  const refs: MetricRef[] = [];
  for (const [group, members] of Object.entries(METRIC_GROUPS) as [
    keyof typeof METRIC_GROUPS,
    readonly MetricType[],
  ][]) {
    if (!members.every((metric) => rest.includes(metric))) continue;
    refs.push(group);
    rest = rest.filter((metric) => !(members as readonly MetricName[]).includes(metric));
  }
  return [
    ...refs,
    ...(rest as MetricRef[]),
    ...checks.map(
      (check) =>
        Object.fromEntries(Object.entries(check).filter(([, value]) => value !== false && value !== 0)) as MetricRef,
    ),
  ];
}

const isCorpusMetric = (metric: PlainType) =>
  metric === 'bleu' || metric === 'chrf' || metric === 'chrf_pp' || metric === 'ter';

/** Metrics after one without settings is switched. BLEU, chrF, chrF++ and TER come with their sentence form, which may also stand alone. */
export function toggleMetric(metrics: readonly MetricSettings[], metric: PlainType, on: boolean): MetricSettings[] {
  const brings: readonly MetricType[] = isCorpusMetric(metric) ? METRIC_GROUPS[metric] : [metric];
  return on
    ? resolveMetrics([...metrics, ...brings.map((type) => ({ type: type as PlainType }))])
    : metrics.filter(({ type }) => !brings.includes(type));
}

export function hasBaseline(form: ExperimentForm, name: BaselineName): boolean {
  return form.baselines.some(({ model }) => model === name);
}

/** In the order of the list, however they were ticked. */
export function toggleBaseline(baselines: readonly ModelSettings[], name: BaselineName, on: boolean): ModelSettings[] {
  const rest = baselines.filter(({ model }) => model !== name);
  if (!on) return rest;
  const order = (model: ModelSettings) => (BASELINE_NAMES as readonly string[]).indexOf(model.model);
  return [...rest, { model: name }].sort((a, b) => order(a) - order(b));
}

/** Problems that only the text shows, by field: `concurrency` is "ten". */
export type TextErrors = Record<string, string>;

/** A number as typed; an empty text is left out. */
function readNumber(text: string, path: string, errors: TextErrors): number | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const value = Number(trimmed);
  if (Number.isFinite(value)) return value;
  errors[path] = 'A number, such as 0.5 or 20.';
  return undefined;
}

function readJson(text: string, path: string, errors: TextErrors): Record<string, never> | undefined {
  if (text.trim() === '') return undefined;
  try {
    const value = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
    errors[path] = 'A JSON object, such as {"top_k": 40}.';
  } catch (error) {
    errors[path] = `Not JSON: ${(error as Error).message}`;
  }
  return undefined;
}

/** Without what is undefined. */
function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
}

/** Whether what was typed is a model that runs on the cluster: `hf/…` or `local/…`, without an address. */
export function runsHere({ endpoint, base_url, model }: EndpointForm): boolean {
  return endpoint === '' && base_url.trim() === '' && isLocalModel({ model: model.trim() });
}

/** One endpoint's settings, and where it stands among the models: `models.3`. */
export function endpointSettings(endpoint: EndpointForm, path: string, errors: TextErrors): ModelRef {
  const number = (text: string, field: string) => readNumber(text, `${path}.${field}`, errors);
  const text = (value: string) => (value.trim() === '' ? undefined : value);
  const params = defined(
    Object.fromEntries(PARAM_NAMES.map((name) => [name, number(endpoint.params[name], `params.${name}`)])) as Params,
  );
  const stop = endpoint.stop.split('\n').filter((line) => line !== '');
  const price = defined({
    input: number(endpoint.price.input, 'price.input'),
    output: number(endpoint.price.output, 'price.output'),
    per_hour: number(endpoint.price.per_hour, 'price.per_hour'),
  });
  return defined({
    name: text(endpoint.name),
    model: endpoint.model.trim(),
    ...(endpoint.endpoint
      ? { endpoint: endpoint.endpoint }
      : runsHere(endpoint)
        ? { secret: text(endpoint.secret), ...readJson(endpoint.local, `${path}.local`, errors) }
        : { base_url: text(endpoint.base_url.trim()) ?? '', secret: text(endpoint.secret) }),
    concurrency: number(endpoint.concurrency, 'concurrency'),
    timeout: number(endpoint.timeout, 'timeout'),
    stream: endpoint.stream || undefined,
    price: Object.keys(price).length > 0 ? (price as Price) : undefined,
    params: Object.keys(params).length > 0 ? params : undefined,
    stop: stop.length > 0 ? stop : undefined,
    extra_body: readJson(endpoint.extra_body, `${path}.extra_body`, errors),
    prompt: text(endpoint.prompt),
    system_prompt: text(endpoint.system_prompt),
  });
}

/** Where a judge stands in the request: after the other metrics. */
export function judgePath(resolved: Resolved, index: number): string {
  return `metrics.${metricRefs(resolved.metrics).length + index}`;
}

/** The form as the API takes it, not yet checked, without its `request_id`. */
export function toRequest(form: ExperimentForm, resolved: Resolved) {
  const errors: TextErrors = {};
  const endpoints = form.endpoints.map((endpoint, index) =>
    endpointSettings(endpoint, `models.${form.baselines.length + index}`, errors),
  );
  const request = defined({
    name: resolved.name,
    description: form.description.trim() === '' ? undefined : form.description,
    dataset_id: form.dataset_id ?? '',
    input_column: resolved.input_column ?? '',
    reference_column: resolved.reference_column,
    group_column: resolved.group_column ?? undefined,
    task: resolved.task,
    prompt: resolved.prompt,
    system_prompt: form.system_prompt.trim() === '' ? undefined : form.system_prompt,
    models: [...form.baselines, ...endpoints],
    metrics: [
      ...metricRefs(resolved.metrics),
      ...form.judges.map((judge, index) => judgeRef(judge, judgePath(resolved, index), errors)),
    ],
    primary_metric: resolved.primary_metric ?? undefined,
    rows: readNumber(form.rows, 'rows', errors),
    seed: readNumber(form.seed, 'seed', errors),
    budget: readBudget(form.budget),
    recommend: form.recommend === DEFAULT_RULE ? undefined : form.recommend,
    repeats: form.repeats.trim() === '1' ? undefined : readNumber(form.repeats, 'repeats', errors),
    time_limit_s: readNumber(form.time_limit, 'time_limit_s', errors),
  });
  return { request, errors };
}

/** The form that would make this experiment again. */
export function formOf(experiment: Experiment, newKey: () => string): ExperimentForm {
  const { task, workflows } = experiment;
  const translation = typeof task === 'string' ? null : task.translation;
  const settings = workflows.toSorted((a, b) => a.position - b.position).map(({ model, name }) => ({ ...model, name }));
  return {
    ...EMPTY_FORM,
    dataset_id: experiment.dataset.id,
    input_column: experiment.input_column,
    reference: experiment.reference_column === null ? 'none' : { column: experiment.reference_column },
    group_column: experiment.group_column ?? '',
    task: taskName(task),
    source_language: translation?.source ?? EMPTY_FORM.source_language,
    target_language: translation?.target ?? EMPTY_FORM.target_language,
    prompt: experiment.prompt,
    system_prompt: experiment.system_prompt ?? '',
    baselines: settings.filter(({ model }) => isBaseline(model)),
    endpoints: settings.filter(({ model }) => !isBaseline(model)).map((model) => endpointForm(model, newKey())),
    metrics: experiment.metrics.map(settingsOf).filter((metric) => !isJudge(metric)),
    judges: experiment.metrics
      .map(settingsOf)
      .filter(isJudge)
      .map((judge) => judgeForm(judge, newKey())),
    primary_metric: experiment.primary_metric,
    rows: experiment.sample.rows < experiment.sample.available ? String(experiment.sample.rows) : '',
    seed: String(experiment.seed),
    repeats: String(experiment.repeats),
    budget: budgetForm(experiment.budget),
    recommend: experiment.recommend,
    time_limit: experiment.time_limit_s === null ? '' : String(experiment.time_limit_s),
    name: `${experiment.name.slice(0, 190)} (copy)`,
    description: experiment.description,
  };
}

/** The form for more models of this experiment: the rest stays as it is. */
export function addModelsForm(experiment: Experiment, newKey: () => string): ExperimentForm {
  return { ...formOf(experiment, newKey), baselines: [], endpoints: [] };
}

export function endpointForm(settings: ModelSettings, key: string): EndpointForm {
  const text = (value: number | string | undefined) => (value === undefined ? '' : String(value));
  return {
    key,
    name: text(settings.name),
    endpoint: text(settings.endpoint),
    base_url: text(settings.base_url),
    model: settings.model,
    secret: text(settings.secret),
    concurrency: text(settings.concurrency),
    timeout: text(settings.timeout),
    stream: settings.stream ?? false,
    price: priceForm(settings.price),
    params: Object.fromEntries(
      PARAM_NAMES.map((name) => [name, text(settings.params?.[name])]),
    ) as EndpointForm['params'],
    stop: (settings.stop ?? []).join('\n'),
    extra_body: jsonOf(settings.extra_body ?? {}),
    local: jsonOf(Object.fromEntries(LOCAL_SETTING_NAMES.map((name) => [name, settings[name]]))),
    prompt: text(settings.prompt),
    system_prompt: text(settings.system_prompt),
  };
}

/** Empty where nothing is set. */
function jsonOf(value: object): string {
  const set = defined(value);
  return Object.keys(set).length > 0 ? JSON.stringify(set, null, 2) : '';
}

/** A catalogue model that runs on the cluster. */
export function catalogueLocal({ model, generation }: NonNullable<CatalogueModel['local']>, key: string): EndpointForm {
  return endpointForm({ model, generation }, key);
}

function priceForm(price: Price | undefined): EndpointForm['price'] {
  const empty = { input: '', output: '', per_hour: '' };
  if (!price) return empty;
  return isHourly(price)
    ? { ...empty, per_hour: String(price.per_hour) }
    : { ...empty, input: String(price.input), output: String(price.output) };
}

/** Rows that can be drawn. Blank input and blank reference may fall on the same rows, so it is a range. */
export function availableRows(
  dataset: Dataset,
  resolved: Resolved,
  judges: ExperimentForm['judges'] = [],
): { least: number; most: number } {
  const blanks = (column: string | null) => dataset.columns.find(({ name }) => name === column)?.blank ?? 0;
  const needsReference =
    resolved.metrics.some(({ type }) => METRICS[type].needs_reference) ||
    judges.some(({ uses_reference }) => uses_reference);
  const input = blanks(resolved.input_column);
  const reference = needsReference ? blanks(resolved.reference_column) : 0;
  return {
    least: Math.max(0, dataset.row_count - input - reference),
    most: dataset.row_count - Math.max(input, reference),
  };
}
