/** The contract between server and jobs: the files under `jobs/<id>/` (see docs/ARCHITECTURE.md, "Storage"). */
import { z } from 'zod';
import { Grant, Spending } from './budget.ts';
import { Count, Id, Json, object, Sha256 } from './common.ts';
import { ComparedMetrics, Comparison } from './comparison.ts';
import { LocalModel } from './local-model.ts';
import { MetricAggregates, MetricName } from './metric.ts';
import { isJudge, type JudgeSettings, MetricSettings } from './metric-settings.ts';
import { BaseUrl, Params, Protocol } from './model.ts';
import { Price } from './price.ts';
import { Prompt } from './prompt.ts';
import { Repeats } from './sample.ts';
import { Task } from './task.ts';

export const SPEC_VERSION = 1;

/** An annotation is an inference whose answers fill what is blank in a column. */
export const JobKind = z.enum(['inference', 'evaluation', 'comparison', 'annotation']);
export type JobKind = z.infer<typeof JobKind>;

/** A file in storage and the hash it must have. */
export const FileRef = object({ key: z.string(), sha256: Sha256 });
export type FileRef = z.infer<typeof FileRef>;

const SpecBase = object({
  version: z.literal(SPEC_VERSION),
  job_id: Id,
  /** Null: the job is in none. */
  experiment_id: Id.nullable(),
  workflow_id: Id.nullable(),
  /** `row_id` (int64) and the dataset's columns as strings. */
  data: FileRef,
  /** One column `row_id`: the rows to run, in order. */
  sample: FileRef,
  task: Task,
  input_column: z.string(),
  reference_column: z.string().nullable(),
  /** Rows that have the same value here are not independent; null: all are. */
  group_column: z.string().nullable().default(null),
});

export const BaselineModel = object({ protocol: z.literal('baseline'), model: z.string() });
export const EndpointModel = object({
  protocol: Protocol,
  base_url: BaseUrl,
  model: z.string(),
  params: Params,
  stop: z.array(z.string()),
  extra_body: z.record(z.string(), Json),
  /** Whether the attempt comes with a sealed key. */
  has_secret: z.boolean(),
  timeout_s: z.int().min(1),
  /** Answers come as server-sent events. */
  stream: z.boolean().default(false),
  price: Price.nullable().default(null),
});

export const InferenceSpec = SpecBase.extend({
  kind: z.literal('inference'),
  prompt: Prompt,
  system_prompt: Prompt.nullable(),
  repeats: Repeats.default(1),
  model: z.discriminatedUnion('protocol', [BaselineModel, EndpointModel, LocalModel]),
});
export type InferenceSpec = z.infer<typeof InferenceSpec>;

/** Before metrics had settings, a spec named them. */
const readType = (metric: unknown) => (typeof metric === 'string' ? { type: metric, name: metric } : metric);

/** What is scored: the answers of an `inference`, or a `prediction_column` of the data; the other is null. */
export const EvaluationSpec = SpecBase.extend({
  kind: z.literal('evaluation'),
  /** Null: answers made elsewhere, of which nobody said how. */
  task: Task.nullable(),
  input_column: z.string().nullable(),
  metrics: z.array(z.preprocess(readType, MetricSettings)).min(1),
  /** `rows`: the inference's `rows.parquet`, or null where it did not reach its end: then its journal is folded first. */
  inference: object({ job_id: Id, rows: FileRef.nullable() }).nullable(),
  /** A blank value is no answer. */
  prediction_column: z.string().nullable().default(null),
  /** Answers to each row. */
  repeats: Repeats.default(1),
  /** The model that judges, where the only metric is a judge; null: the metrics are computed. */
  judge: EndpointModel.nullable().default(null),
});
export type EvaluationSpec = z.infer<typeof EvaluationSpec>;

/** Before a workflow could have several evaluations it was the file of the only one. */
const ScoreFiles = z.preprocess(
  (files) => (files === null || Array.isArray(files) ? files : [files]),
  z.array(FileRef).min(1),
);

/** The judge whose scores an evaluation makes; null: its metrics are computed. */
export function judgeOf({ metrics: [metric] }: Pick<EvaluationSpec, 'metrics'>): JudgeSettings | null {
  return metric && isJudge(metric) ? metric : null;
}

/** The accepted results that are compared: of an experiment as a whole, or of evaluations alone. */
export const ComparisonSpec = object({
  version: z.literal(SPEC_VERSION),
  kind: z.literal('comparison'),
  job_id: Id,
  /** Null: the job is in none. */
  experiment_id: Id.nullable(),
  sample: FileRef,
  metrics: ComparedMetrics.min(1),
  primary_metric: MetricName,
  /**
   * `workflow_id`: of an evaluation alone, its job's. `scores`: `rows.parquet` of evaluations, of which the last that has a metric counts;
   * `answers`: the inference's, or the journal as an evaluation folded it; null: they are a column of a dataset, and nobody knows which of
   * them a model failed.
   */
  workflows: z.array(object({ workflow_id: Id, scores: ScoreFiles, answers: FileRef.nullable() })).min(1),
  /** Answers to each row, at most: they are compared by their mean. */
  repeats: Repeats.default(1),
  /** A column of the data: rows that have the same value are not independent; null: all are. */
  groups: object({ data: FileRef, column: z.string() }).nullable().default(null),
});
export type ComparisonSpec = z.infer<typeof ComparisonSpec>;

export const JobSpec = z.discriminatedUnion('kind', [InferenceSpec, EvaluationSpec, ComparisonSpec]);
export type JobSpec = z.infer<typeof JobSpec>;

/** `control.json`: what the server wants now. The driver reads it every second; a newer attempt, `stop` or a missing file ends it. */
export const Control = object({
  attempt: z.int().min(1),
  stop: z.boolean(),
  /** Calls at once, never more: this job's part of what its endpoint takes; 0: others still hold all of it. */
  concurrency: Count,
  /** Calls at once to begin with, where the number is to be found by trying; null: somebody set it. */
  first_concurrency: z.int().min(1).nullable().default(null),
  /** Errors journaled by an attempt lower than this are run again; 0: none. */
  retry_failed_before: Count,
  /** Null: as much as it takes. */
  budget: Grant.nullable().default(null),
  /** After so many answers it waits until this is null: they are the pilot. */
  hold_after: Count.nullable().default(null),
});
export type Control = z.infer<typeof Control>;

/** Whose fault a row's error is: infrastructure, caller or model. */
export const ROW_ERRORS = {
  rate_limited: 'infrastructure',
  provider_unavailable: 'infrastructure',
  timeout: 'infrastructure',
  row_crashed: 'infrastructure',
  auth: 'caller',
  bad_request: 'caller',
  context_length: 'model',
  content_filter: 'model',
  malformed: 'model',
} as const;
export const RowErrorCode = z.enum(
  Object.keys(ROW_ERRORS) as [keyof typeof ROW_ERRORS, ...(keyof typeof ROW_ERRORS)[]],
);
export type RowErrorCode = z.infer<typeof RowErrorCode>;

export const RowError = object({ code: RowErrorCode, message: z.string() });
export type RowError = z.infer<typeof RowError>;

/** One answer to a row, or why there is none: a line of `journal/*.jsonl`. Exactly one of `prediction` and `error` is null. */
export const JournalLine = object({
  row_id: Count,
  /** Which of the answers to this row, from 0. */
  repeat: Count.default(0),
  attempt: z.int().min(1),
  /** Unix time in seconds when the row finished. */
  finished_at: z.number(),
  prediction: z.string().nullable(),
  error: RowError.nullable(),
  /** What the model wrote on its way to the answer, from a field of its own or a leading <think> block; never scored. */
  reasoning: z.string().nullable().default(null),
  finish_reason: z.string().nullable(),
  /** The input was longer than the model takes, and was cut. */
  truncated: z.boolean().default(false),
  /** From the request fully written to the last byte of the answer; null for a baseline's failure. */
  latency_ms: z.number().nullable(),
  /** Of a streamed answer: from the request fully written to its first token, of reasoning or of the answer. */
  first_token_ms: z.number().nullable().default(null),
  prompt_tokens: z.int().nullable(),
  completion_tokens: z.int().nullable(),
  /** Those of the completion tokens that went into reasoning. */
  reasoning_tokens: z.int().nullable().default(null),
  /** In US dollars; null: unknown. */
  cost: z.number().nullable(),
  /** Calls made for this row. */
  calls: Count,
  /** What they count against a budget, where that is not what is said above: earlier calls, and those that nobody counted. */
  counted: Spending.nullable().default(null),
});
export type JournalLine = z.infer<typeof JournalLine>;

/** `total = answered + failed + not_run + pending`: each row counts as often as it is to be answered. */
export const RowCounts = object({ total: Count, answered: Count, failed: Count, not_run: Count, pending: Count });
export type RowCounts = z.infer<typeof RowCounts>;

/** How often each error came, with one message as an example. */
export const ErrorCounts = z.partialRecord(RowErrorCode, object({ count: Count, message: z.string() }));
export type ErrorCounts = z.infer<typeof ErrorCounts>;

/** Of the rows that were answered, and of those that timed out: they took at least that long. In milliseconds. */
export const LatencyMs = object({ p50: z.number(), p95: z.number() });
export type LatencyMs = z.infer<typeof LatencyMs>;

/** As the endpoint counts them; `reasoning` is part of `completion`. */
export const Tokens = object({ prompt: Count, completion: Count, reasoning: Count.default(0) });
export type Tokens = z.infer<typeof Tokens>;

/** `attempts/<n>/progress.json`. `beat` rises every second whether or not a row finished. */
export const Progress = object({
  beat: Count,
  /** `starting`, `inference`, `folding`, `evaluation`, `comparison` or `done`. */
  stage: z.enum(['starting', 'inference', 'folding', 'evaluation', 'comparison', 'done']),
  rows: RowCounts,
  errors: ErrorCounts,
  /** Over the last ten seconds. */
  rows_per_second: z.number().nullable(),
  /** Since the first call or score of this attempt. */
  elapsed_s: z.number(),
  /** Since this attempt began: what a time limit counts. Jobs of before there were limits do not say. */
  active_s: z.number().default(0),
  latency_ms: LatencyMs.nullable(),
  /** Of streamed answers: until the first token, of reasoning or of the answer. */
  first_token_ms: LatencyMs.nullable().default(null),
  tokens: Tokens.nullable(),
  cost: z.number().nullable(),
  /** Answers to an input that was cut. */
  truncated: Count.default(0),
  /** Calls at once right now. */
  concurrency: z.int().nullable(),
  /** Of `control.json` what the driver keeps to, or more while calls of a larger number are under way. */
  held_concurrency: z.int().nullable().default(null),
  /** What the driver waits for, in words; null: nothing. */
  waiting_for: z.string().nullable(),
  /** When it makes its next call, while it waits for a time; Unix time in seconds by the driver's clock. */
  next_call_at: z.number().nullable().default(null),
  /** Over all attempts. */
  spent: Spending.nullable().default(null),
  /** What calls under way may still come to. */
  in_flight: Spending.nullable().default(null),
  /** Of `control.json`, as the driver has read it. */
  budget: Grant.nullable().default(null),
  hold_after: Count.nullable().default(null),
});
export type Progress = z.infer<typeof Progress>;

const ResultFile = object({ key: z.string(), size: Count, sha256: Sha256 });

const ResultBase = object({
  version: z.literal(SPEC_VERSION),
  job_id: Id,
  attempt: z.int().min(1),
  /** `python`, `touchstone_jobs`, and each library that made a number. */
  versions: z.record(z.string(), z.string()),
  /** First call or score to last row journaled, without Ray's start; over all attempts. */
  seconds: z.number(),
});

/** What inference found, from the folded journal. */
export const InferenceOutcome = object({
  rows: RowCounts,
  errors: ErrorCounts,
  latency_ms: LatencyMs.nullable(),
  /** Of streamed answers: until the first token, of reasoning or of the answer. */
  first_token_ms: LatencyMs.nullable().default(null),
  tokens: Tokens.nullable(),
  cost: z.number().nullable(),
  /** Answers beyond the first of a row: paid for, not used. */
  extra_answers: Count,
  /** Answers to an input that was cut. */
  truncated: Count.default(0),
});
export type InferenceOutcome = z.infer<typeof InferenceOutcome>;

const Ended = z.enum(['complete', 'stopped', 'breaker', 'budget']);

export const InferenceResult = ResultBase.extend({
  kind: z.literal('inference'),
  /** `rows.parquet`, one line per row that ran. */
  rows_file: ResultFile,
  /** `stopped`: it was told to stop; `breaker`: the endpoint refuses every call; `budget`: it is used up. Then the rest was not run. */
  ended: Ended,
  reason: z.string().nullable(),
  outcome: InferenceOutcome,
  /** Over all attempts. */
  spent: Spending.nullable().default(null),
});
export type InferenceResult = z.infer<typeof InferenceResult>;

export const EvaluationResult = ResultBase.extend({
  kind: z.literal('evaluation'),
  /** `rows.parquet`, a line per answer: a column per metric; `<metric>_statistics` of those of the whole corpus. */
  rows_file: ResultFile,
  metrics: MetricAggregates,
  /** Where the journal had to be folded here: the folded rows and what they say. */
  folded: object({ rows_file: ResultFile, outcome: InferenceOutcome }).nullable(),
  /** What a judge's calls came to: a row is one answer that was to be judged. */
  judging: object({ ended: Ended, reason: z.string().nullable(), outcome: InferenceOutcome, spent: Spending })
    .nullable()
    .default(null),
});
export type EvaluationResult = z.infer<typeof EvaluationResult>;

export const ComparisonResult = ResultBase.extend({ kind: z.literal('comparison'), ...Comparison.shape });
export type ComparisonResult = z.infer<typeof ComparisonResult>;

/** `attempts/<n>/result.json`, written last. */
export const JobResult = z.discriminatedUnion('kind', [InferenceResult, EvaluationResult, ComparisonResult]);
export type JobResult = z.infer<typeof JobResult>;
