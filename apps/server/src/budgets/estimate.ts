/** What a model will use, estimated before any call of it. Pure. */
import {
  type ExperimentEstimate,
  isBaseline,
  isHourly,
  isLocalModel,
  type JudgeSettings,
  type ModelEstimate,
  type ModelSettings,
  promptColumns,
  renderPrompt,
  type Task,
  taskName,
} from '@touchstone/schemas';
import { isPaid } from './rules.ts';
import { CHARACTERS_PER_TOKEN, countTokens, type TextLength, textLength } from './text-length.ts';

/** An inference of the same model that ended. */
export type EarlierRun = {
  task: Task;
  answers: number;
  seconds: number;
  latency_ms: number | null;
  /** Of all its answers. */
  completion_tokens: number | null;
};

export type EstimateRequest = {
  name: string;
  /** Resolved: with its address and price. */
  model: ModelSettings;
  task: Task;
  /** Answers that it is to give. */
  answers: number;
  prompt: string;
  system_prompt: string | null;
  input_column: string;
  reference_column: string | null;
  /** Mean length of a row's text, by column. */
  lengths: Readonly<Record<string, TextLength>>;
  calls_at_once: number | null;
  /** Whether a hosted provider that is known here answers. */
  is_hosted: boolean;
  earlier: readonly EarlierRun[];
  /** Tokens of an answer, where it is known what will be written. */
  writes?: Assumed<number>;
};

/** What a chat adds to each message and before the answer, by OpenAI's cookbook ("How to count tokens with tiktoken"). */
const TOKENS_PER_MESSAGE = 4;
const TOKENS_BEFORE_ANSWER = 3;

/** Of an answer, where there is neither an earlier run nor a reference; a translation is as long as its input. */
const ANSWER_TOKENS = { summarization: 60, 'text-generation': 250 } as const;

/** What a judge is told besides the instructions and the texts, and what it writes: a reason of two sentences and a score. Assumed. */
export const RULES_TOKENS = 350;
export const VERDICT_TOKENS = 80;

/** A hosted model of middling speed: seconds until its first token, and tokens a second from then on. Assumed. */
const HOSTED = { first_token_s: 0.5, tokens_per_second: 60 } as const;

type Assumed<T> = { value: T; because: string };

export function estimateModel(request: EstimateRequest): ModelEstimate {
  const { name, model, answers } = request;
  if (isBaseline(model.model)) {
    const because = 'A baseline calls nobody and costs nothing; its time is not counted.';
    return { name, calls: 0, tokens: { prompt: 0, completion: 0 }, cost: 0, seconds: 0, assumptions: [because] };
  }
  const prompt = promptTokens(request);
  const completion = completionTokens(request);
  const seconds = secondsInAll(request, completion.value);
  const tokens = { prompt: Math.round(prompt * answers), completion: Math.round(completion.value * answers) };
  const cost = costInAll(model, tokens, seconds.value);
  return {
    name,
    calls: isLocalModel(model) ? 0 : answers,
    tokens,
    cost: cost.value,
    seconds: seconds.value,
    assumptions: [
      `Prompts of ${formatCount(prompt)} tokens, ${completion.because}.`,
      `Cost: ${cost.because}.`,
      `Time: ${seconds.because}.`,
    ],
  };
}

type JudgeRequest = Pick<
  EstimateRequest,
  'task' | 'input_column' | 'reference_column' | 'lengths' | 'calls_at_once' | 'is_hosted' | 'earlier'
> & {
  /** Of each model: how many it gives, and tokens in all of them; null: a baseline, whose answers are parts of the input. */
  answers: readonly { count: number; tokens: number | null }[];
};

/** What a judge will use over the answers of all models. */
export function estimateJudge(judge: JudgeSettings, { answers, ...request }: JudgeRequest): ModelEstimate {
  const { input_column, reference_column, lengths } = request;
  const count = answers.reduce((sum, one) => sum + one.count, 0);
  const input = countTokens(lengths[input_column]!);
  const answered = answers.reduce((sum, { count, tokens }) => sum + (tokens ?? input * count), 0);
  const shown = [
    RULES_TOKENS,
    countTokens(textLength(judge.instructions)),
    judge.uses_input ? input : 0,
    judge.uses_reference && reference_column !== null ? countTokens(lengths[reference_column]!) : 0,
    count === 0 ? 0 : answered / count,
  ];
  const tokens = shown.reduce((sum, one) => sum + one, 0);
  return estimateModel({
    ...request,
    name: judge.name,
    model: judge.model,
    answers: count,
    prompt: '{{shown}}',
    system_prompt: null,
    lengths: { ...lengths, shown: { latin: tokens * CHARACTERS_PER_TOKEN.latin, cjk: 0, other: 0 } },
    writes: { value: VERDICT_TOKENS, because: 'a reason and a score' },
  });
}

/** A total is unknown where a part is; models that can spend nothing have no part in the cost. Judges begin when models are done. */
export function sumEstimates(
  candidates: readonly { estimate: ModelEstimate; model: ModelSettings }[],
  judges: readonly { estimate: ModelEstimate; model: ModelSettings }[] = [],
): ExperimentEstimate['total'] {
  const models = [...candidates, ...judges];
  const estimates = models.map(({ estimate }) => estimate);
  const sum = (of: (one: ModelEstimate) => number) => estimates.reduce((total, one) => total + of(one), 0);
  const costs = models.filter(isPaid).map(({ estimate }) => estimate.cost);
  const longest = (some: typeof candidates) => Math.max(0, ...some.map(({ estimate }) => estimate.seconds ?? 0));
  const isTimed = estimates.every((one) => one.seconds !== null);
  return {
    calls: sum((one) => one.calls),
    tokens: { prompt: sum((one) => one.tokens.prompt), completion: sum((one) => one.tokens.completion) },
    cost: costs.includes(null) ? null : costs.reduce<number>((total, cost) => total + cost!, 0),
    seconds: isTimed ? longest(candidates) + longest(judges) : null,
  };
}

/** Of one call, its messages and the texts of its row in them. */
function promptTokens({ model, lengths, ...experiment }: EstimateRequest): number {
  const messages = [model.prompt ?? experiment.prompt, model.system_prompt ?? experiment.system_prompt];
  return messages
    .filter((message) => message !== null)
    .reduce((sum, template) => sum + templateTokens(template, lengths) + TOKENS_PER_MESSAGE, TOKENS_BEFORE_ANSWER);
}

function templateTokens(template: string, lengths: EstimateRequest['lengths']): number {
  const columns = promptColumns(template);
  const blank = Object.fromEntries(columns.map((column) => [column, '']));
  const own = renderPrompt(template, blank);
  const times = (column: string) => renderPrompt(template, { ...blank, [column]: '.' }).length - own.length;
  return columns.reduce(
    (sum, column) => sum + times(column) * countTokens(lengths[column]!),
    countTokens(textLength(own)),
  );
}

/** Of one answer. */
function completionTokens(request: EstimateRequest): Assumed<number> {
  const { model, task, input_column, reference_column, lengths, earlier } = request;
  const most = model.params?.max_tokens ?? model.params?.max_completion_tokens ?? Number.POSITIVE_INFINITY;
  const bounded = (tokens: number, because: string): Assumed<number> =>
    tokens > most
      ? { value: most, because: `answers of ${formatCount(most)}, the most that it may write` }
      : { value: tokens, because: `answers of ${formatCount(tokens)}, ${because}` };
  if (request.writes) return bounded(request.writes.value, request.writes.because);
  const before = earlier.flatMap((run) =>
    run.completion_tokens !== null && taskName(run.task) === taskName(task) && run.answers > 0
      ? [run.completion_tokens / run.answers]
      : [],
  );
  if (before.length > 0) return bounded(median(before), 'as in its earlier runs');
  const reference = reference_column === null ? 0 : countTokens(lengths[reference_column]!);
  if (reference > 0) return bounded(reference, 'as long as the references (more where it reasons first)');
  const kind = taskName(task);
  return kind === 'translation'
    ? bounded(countTokens(lengths[input_column]!), 'as long as the input (more where it reasons first)')
    : bounded(ANSWER_TOKENS[kind], `assumed for ${kind} (more where it reasons first)`);
}

function secondsInAll(request: EstimateRequest, completion: number): Assumed<number | null> {
  const { model, answers, calls_at_once, is_hosted, earlier } = request;
  if (isLocalModel(model)) {
    const before = earlier.flatMap((run) => (run.answers > 0 ? [run.seconds / run.answers] : []));
    if (before.length === 0) return { value: null, because: 'unknown until it has run here once' };
    return {
      value: median(before) * answers,
      because: `${formatSeconds(median(before))} an answer, as in its earlier runs`,
    };
  }
  const before = earlier.flatMap((run) => run.latency_ms ?? []);
  const each =
    before.length > 0
      ? { value: median(before) / 1000, because: 'as in its earlier runs' }
      : is_hosted
        ? { value: HOSTED.first_token_s + completion / HOSTED.tokens_per_second, because: 'assumed of a hosted model' }
        : null;
  if (each === null) return { value: null, because: 'unknown until this server has answered once' };
  const at_once = Math.min(calls_at_once ?? 1, answers);
  return {
    value: at_once === 0 ? 0 : (each.value * answers) / at_once,
    because: `${formatSeconds(each.value)} a call, ${each.because}, ${formatCount(at_once)} at once`,
  };
}

function costInAll(
  model: ModelSettings,
  tokens: ModelEstimate['tokens'],
  seconds: number | null,
): Assumed<number | null> {
  const { price } = model;
  if (price === undefined && isLocalModel(model)) {
    return { value: null, because: 'not counted, as it runs here; with a price per hour it is' };
  }
  if (price === undefined) return { value: null, because: 'unknown, as no price is: give it one' };
  if (isHourly(price)) {
    const because = `$${price.per_hour} an hour`;
    return seconds === null
      ? { value: null, because: `unknown, as the time is, at ${because}` }
      : { value: (price.per_hour * seconds) / 3600, because };
  }
  return {
    value: (tokens.prompt * price.input + tokens.completion * price.output) / 1e6,
    because: `$${price.input} and $${price.output} a million tokens`,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const formatCount = (count: number) => Math.round(count).toLocaleString('en');
const formatSeconds = (seconds: number) => `${Number(seconds.toPrecision(2))} s`;
