/** What a comparison says of an experiment's workflows, and the rule that makes a recommendation of it. */
import { z } from 'zod';
import { Count, Id, Name, object, oneOf } from './common.ts';
import { Interval, METRIC_TYPES, METRICS, MetricName, type MetricType } from './metric.ts';

/**
 * Of the first of a pair against its second. `equivalent`: the difference is shown to be smaller than delta; `no_difference`: none was
 * shown, which does not mean that there is none.
 */
export const PairLabel = z.enum(['better', 'worse', 'no_difference', 'equivalent']);
export type PairLabel = z.infer<typeof PairLabel>;

export const ComparedMetric = object({
  name: MetricName,
  /** Spelled out, since a shape called MetricType would be taken for a kind of Metric by generated clients. */
  type: oneOf(METRIC_TYPES),
  /** 0 or 1 per row. */
  yes_or_no: z.boolean(),
  direction: z.enum(['higher', 'lower', 'none']),
  /** The smallest difference worth acting on; null: none is named, so nothing is called equivalent. */
  delta: z.number().nullable(),
  /** What a row counts that a model failed by its own fault; null: the worst that was seen. */
  worst: z.number().nullable(),
  /** The largest difference that a row can have; null: there is no such, or nobody said. */
  span: z.number().nullable().default(null),
});
export type ComparedMetric = z.infer<typeof ComparedMetric>;

/** Before metrics had settings, the name was the type. */
function readType(metric: unknown): unknown {
  if (typeof metric !== 'object' || metric === null || 'type' in metric || !('name' in metric)) return metric;
  const info = Object.hasOwn(METRICS, String(metric.name)) ? METRICS[metric.name as MetricType] : null;
  return { ...metric, type: metric.name, yes_or_no: info?.yes_or_no };
}
export const ComparedMetrics = z.array(z.preprocess(readType, ComparedMetric));

/** Workflow `a` against workflow `b` on one metric, on the rows that both have; `difference` is a - b. What cannot be said is null. */
export const PairComparison = object({
  metric: MetricName,
  /** Labels of the main metric are confirmatory; those of the others suggest what to look at. */
  family: z.enum(['primary', 'exploratory']),
  a: Id,
  b: Id,
  /** Rows that both have. */
  n: Count,
  difference: z.number().nullable(),
  /** 95 %, of this pair alone. */
  interval: Interval.nullable(),
  /** All pairs' intervals hold at once with 95 %: what pictures show, and what agrees with the label. */
  interval_simultaneous: Interval.nullable(),
  /** Two bounds, each of its own: the difference is above `low`, and below `high`, one-sided, over all pairs together. */
  bounds: Interval.nullable().default(null),
  test: z.string().nullable(),
  p: z.number().nullable(),
  /** Adjusted for all pairs of the metric: a label is given at 0.05. */
  p_adjusted: z.number().nullable(),
  /** Adjusted, of a difference smaller than delta. */
  p_equivalent: z.number().nullable(),
  /** Mean of the differences over their standard deviation. */
  effect_size: z.number().nullable(),
  wins: Count.nullable(),
  ties: Count.nullable(),
  losses: Count.nullable(),
  label: PairLabel.nullable(),
  /** The smallest true difference that so many rows show with a probability of 80 %. */
  detectable: z.number().nullable(),
  /** Standard error of the difference times the root of n: of a mean, the standard deviation of the rows' differences. */
  spread: z.number().nullable().default(null),
  /** The same pair, where rows that a model failed by its own fault count as its worst; null: there are none. */
  with_failures: object({
    n: Count,
    difference: z.number(),
    p_adjusted: z.number(),
    label: PairLabel.nullable(),
  }).nullable(),
});
export type PairComparison = z.infer<typeof PairComparison>;

export const Comparison = object({
  /** Rows of the sample. */
  rows: Count,
  primary_metric: MetricName,
  metrics: ComparedMetrics,
  /** `workflow_id`: of an evaluation alone, its job's. `failed`: rows that the model failed by its own fault. */
  workflows: z.array(object({ workflow_id: Id, failed: Count })),
  pairs: z.array(PairComparison),
});
export type Comparison = z.infer<typeof Comparison>;

/**
 * What a person wants of the model to use: `recommend` in a config. Limits first; then the best by the main metric, and those that may
 * stand beside it by `rule`; of these `prefer` decides.
 */
export const RecommendRule = object({
  /**
   * `best`: beside the best stand those that were not shown to be worse, or were, by less than delta. `not_worse_by_delta`: only those
   * that were shown not to be worse by delta or more: the lower bound of what they lose, one-sided, is less than it.
   */
  rule: oneOf(['best', 'not_worse_by_delta']).default('best'),
  /** Decides between those that stand beside each other: the cheaper (and of those the faster), or the faster. */
  prefer: oneOf(['cheapest', 'fastest']).default('cheapest'),
  /** The loss on the main metric that would not be acted on, in its unit; left out: none, and for `not_worse_by_delta` the metric's own. */
  delta: z.number().min(0).optional(),
  /** Share of rows without an answer, 0 to 1. */
  max_failed: z.number().min(0).max(1).optional(),
  /** Milliseconds. */
  max_latency_p95: z.number().positive().optional(),
  /** US dollars for 1,000 rows. */
  max_cost: z.number().min(0).optional(),
  /** Only models that run here: on the cluster, or at an endpoint of one's own machine or network. */
  local_only: z.boolean().optional(),
});
export type RecommendRule = z.infer<typeof RecommendRule>;
export const DEFAULT_RULE: RecommendRule = { rule: 'best', prefer: 'cheapest' };

export const Recommendation = object({
  /** `winner`: shown to be best; `tie`: chosen among models that cannot be told apart; `only_one`; `none`: nothing can be recommended. */
  outcome: z.enum(['winner', 'tie', 'only_one', 'none']),
  workflow_id: Id.nullable(),
  runner_up_id: Id.nullable(),
  /** One or two sentences. */
  text: z.string(),
  /** The rule in words. */
  rule: z.string(),
  /** Numbers, rows and methods behind it, a sentence each. */
  evidence: z.array(z.string()),
  /** What would change it, a sentence each. */
  would_change: z.array(z.string()),
});
export type Recommendation = z.infer<typeof Recommendation>;

/** Where a model lies between quality, cost and latency; what is not known is null. */
export const TradeOff = object({
  workflow_id: Id,
  /** Of the main metric. */
  value: z.number(),
  /** US dollars for 1,000 answers. */
  cost: z.number().nullable(),
  /** Milliseconds. */
  latency_p95: z.number().nullable(),
  /** A model that is shown to be better, costs no more and is no slower; null: none, so this one may be worth its price. */
  dominated_by: Id.nullable(),
});
export type TradeOff = z.infer<typeof TradeOff>;

/** Left out: the experiment's rule. */
export const ComparisonGet = object({ experiment_id: Id, rule: RecommendRule.optional() });

export const ExperimentComparison = object({
  experiment_id: Id,
  /**
   * `waiting`: a model still runs, or nothing was scored; `running`; `failed` or `stopped`: there is a reason; `done`.
   */
  status: z.enum(['waiting', 'running', 'failed', 'stopped', 'done']),
  reason: z.string().nullable(),
  job_id: Id.nullable(),
  /** Earlier comparisons that this one takes the place of: models came or went, or rows were run again. */
  replaces: Count,
  workflows: z.array(object({ id: Id, name: Name })),
  comparison: Comparison.nullable(),
  /** That the recommendation is made by. */
  rule: RecommendRule,
  recommendation: Recommendation.nullable(),
  /** Of the models that were scored; empty before all are over. */
  trade_off: z.array(TradeOff),
});
export type ExperimentComparison = z.infer<typeof ExperimentComparison>;
