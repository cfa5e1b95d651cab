import { z } from 'zod';
import { Budget, Projection, Spending } from './budget.ts';
import { Count, Description, Id, Name, object, PageInput, RequestId, Timestamp } from './common.ts';
import { RecommendRule } from './comparison.ts';
import { JobStatus, JobSummary, TimeLimit } from './job.ts';
import { ErrorCounts, LatencyMs, RowCounts, Tokens } from './job-files.ts';
import { MetricAggregates, MetricName } from './metric.ts';
import { Metric, metricRefs } from './metric-settings.ts';
import { ModelRef, ModelSettings } from './model.ts';
import { Prompt } from './prompt.ts';
import { Repeats, Sample, Seed } from './sample.ts';
import { Task, TaskName } from './task.ts';

/** Models of one experiment, which its pages still show side by side. */
export const MAX_WORKFLOWS = 50;
const Models = z.array(ModelRef).min(1, 'Choose at least one model.').max(MAX_WORKFLOWS);

export const ExperimentCreate = object({
  request_id: RequestId,
  name: Name,
  description: Description.default(''),
  dataset_id: Id,
  input_column: z.string(),
  reference_column: z.string().nullable(),
  /** Rows that have the same value here, such as a customer or a document, are not independent: intervals are over groups. */
  group_column: z.string().nullable().default(null),
  task: Task,
  /** Left out: the task's preset. */
  prompt: Prompt.optional(),
  system_prompt: Prompt.optional(),
  models: Models,
  metrics: metricRefs('Choose at least one metric.'),
  primary_metric: MetricName.optional(),
  /** Number of rows to sample; left out: all. */
  rows: z.int().min(1).optional(),
  seed: Seed.default(0),
  /** Answers of each model to each row; a baseline, which always says the same, gives one. */
  repeats: Repeats.default(1),
  budget: Budget.optional(),
  /** Left out: the best on the main metric, then the cheapest. */
  recommend: RecommendRule.optional(),
  time_limit_s: TimeLimit.optional(),
});
export type ExperimentCreate = z.input<typeof ExperimentCreate>;

/** An experiment that is not created yet. */
export const ExperimentPlan = ExperimentCreate.omit({ request_id: true });
export type ExperimentPlan = z.input<typeof ExperimentPlan>;

/** Of a workflow and of an experiment. `partial`: over, but some rows have no answer. */
export const RunStatus = z.enum(['created', 'running', 'succeeded', 'partial', 'failed', 'stopped']);
export type RunStatus = z.infer<typeof RunStatus>;

/** What a judge's calls about one workflow's answers came to. */
export const WorkflowJudging = object({
  metric: MetricName,
  status: JobStatus,
  /** Why it waits, failed or ended early. */
  reason: z.string().nullable(),
  /** Calls: of answers that could be judged. */
  rows: RowCounts,
  errors: ErrorCounts,
  latency_ms: LatencyMs.nullable(),
  tokens: Tokens.nullable(),
  /** In US dollars; null: unknown. */
  cost: z.number().nullable(),
});
export type WorkflowJudging = z.infer<typeof WorkflowJudging>;

export const Workflow = object({
  id: Id,
  name: Name,
  position: Count,
  model: ModelSettings,
  status: RunStatus,
  /** Why it failed, stopped or is partial; what it waits for. */
  reason: z.string().nullable(),
  /** When its next call is made, while it waits for a time; Unix time in seconds. */
  next_call_at: z.number().nullable(),
  /** `inference`, `evaluation`, or null when nothing is under way. */
  stage: z.enum(['inference', 'evaluation']).nullable(),
  rows: RowCounts,
  errors: ErrorCounts,
  rows_per_second: z.number().nullable(),
  seconds: object({
    /** From the start of a run to its end or until now, over all runs: without the time between them. */
    total: z.number(),
    inference: z.number().nullable(),
    evaluation: z.number().nullable(),
  }),
  latency_ms: LatencyMs.nullable(),
  /** Of streamed answers. */
  first_token_ms: LatencyMs.nullable(),
  /** Calls at once now, or at the end; before, the number that a person set. Null: none is known, or no endpoint is called. */
  concurrency: z.int().nullable(),
  tokens: Tokens.nullable(),
  cost: z.number().nullable(),
  /** Answers to an input that was longer than the model takes, and was cut. */
  truncated: Count,
  /** Of one that runs; null: it is over, or nothing is known yet. */
  projected: Projection.nullable(),
  metrics: MetricAggregates,
  /** Empty: no judge has begun, or there is none. What it cost is in no figure of the model. */
  judging: z.array(WorkflowJudging),
  jobs: z.array(JobSummary),
});
export type Workflow = z.infer<typeof Workflow>;

const ExperimentBase = object({
  id: Id,
  name: Name,
  status: RunStatus,
  /** The version that it is pinned to. */
  dataset: object({ id: Id, name: Name, version: z.int().min(1), row_count: Count }),
  task: Task,
  primary_metric: MetricName,
  created_at: Timestamp,
  finished_at: Timestamp.nullable(),
  sample: Sample,
});

export const Experiment = ExperimentBase.extend({
  description: z.string(),
  /** That it ran, until now where it runs; without the time between its end and a resume. */
  seconds: z.number(),
  input_column: z.string(),
  reference_column: z.string().nullable(),
  group_column: z.string().nullable(),
  prompt: z.string(),
  system_prompt: z.string().nullable(),
  metrics: z.array(Metric),
  seed: Seed,
  repeats: Repeats,
  budget: Budget.nullable(),
  /** The rule of its recommendation. */
  recommend: RecommendRule,
  /** By all its models so far, with what calls under way may come to; null: nobody counted. */
  spent: Spending.nullable(),
  /** It waits for a yes: what the whole is estimated to cost, in US dollars, by its first rows; null: it does not. */
  confirmation: object({ cost: z.number().nullable(), confirm_above: z.number() }).nullable(),
  /** Of each job. */
  time_limit_s: TimeLimit.nullable(),
  stop_requested: z.boolean(),
  workflows: z.array(Workflow),
  /** Of its workflows with each other, made when all are over; null: not yet, or there is nothing to compare. */
  comparison: JobSummary.nullable(),
  mlflow_url: z.string().nullable(),
});
export type Experiment = z.infer<typeof Experiment>;

export const ExperimentSummary = ExperimentBase.extend({
  workflows: z.array(object({ id: Id, name: Name, position: Count, status: RunStatus })),
  rows: RowCounts,
  /** Highest value of the primary metric among the workflows that are over. */
  best: object({ workflow: Name, value: z.number(), metric: Metric }).nullable(),
});
export type ExperimentSummary = z.infer<typeof ExperimentSummary>;

const ExperimentFilter = object({
  /** Words, each of which is in the name, the description, or the name of the dataset, a workflow or a model. */
  search: z.string().max(200).default(''),
  /** Of any of its versions. */
  dataset_id: Id.optional(),
  task: TaskName.optional(),
});
export const ExperimentListInput = PageInput.extend(ExperimentFilter.shape).extend({ status: RunStatus.optional() });
export type ExperimentListInput = z.output<typeof ExperimentListInput>;

/** Counting ends here: more of one state are said to be "1,000+". */
export const MOST_COUNTED = 1000;
/** How many experiments are in each state, each at most `MOST_COUNTED + 1`. */
export const ExperimentCounts = object({
  created: Count,
  running: Count,
  succeeded: Count,
  partial: Count,
  failed: Count,
  stopped: Count,
} satisfies Record<RunStatus, typeof Count>);
export type ExperimentCounts = z.infer<typeof ExperimentCounts>;
export const ExperimentCountsInput = ExperimentFilter;
export type ExperimentCountsInput = z.output<typeof ExperimentCountsInput>;

/** Names need not be unique; a form suggests one that is. */
export const NameSuggestion = object({
  /** The name asked for, or the first free of "name 2", "name 3", …. */
  name: Name,
  in_use: z.boolean(),
});
export type NameSuggestion = z.infer<typeof NameSuggestion>;

export const ExperimentUpdate = object({
  id: Id,
  name: Name.optional(),
  description: Description.optional(),
  /** Null: none any more. While the experiment runs it can only be raised. */
  budget: Budget.nullish(),
  /** Null: the default again. */
  recommend: RecommendRule.nullish(),
});
export type ExperimentUpdate = z.infer<typeof ExperimentUpdate>;

/** More models on the same rows, with the same prompt and metrics. */
export const WorkflowsAdd = object({ request_id: RequestId, id: Id, models: Models });
export type WorkflowsAdd = z.input<typeof WorkflowsAdd>;

/** More metrics over the answers that are there. */
export const MetricsAdd = object({
  request_id: RequestId,
  id: Id,
  metrics: metricRefs('Choose at least one metric.'),
});
export type MetricsAdd = z.input<typeof MetricsAdd>;

/** One model of several, with its answers, scores and jobs. */
export const WorkflowRemove = object({ id: Id, workflow_id: Id, force: z.boolean().default(false) });

export const ExperimentDelete = object({ id: Id, force: z.boolean().default(false) });

export const ExperimentResume = object({
  request_id: RequestId,
  id: Id,
  /** `not_run`: only what has not run; `failed`: also the rows that failed. */
  what: z.enum(['not_run', 'failed']),
  /** Left out: as before; null: none. */
  time_limit_s: TimeLimit.nullish(),
});
export type ExperimentResume = z.infer<typeof ExperimentResume>;
