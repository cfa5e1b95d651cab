/** What an experiment may spend. Names as in invoices: cost in US dollars, tokens of prompts and answers together, calls. */
import { z } from 'zod';
import { Count, Name, object } from './common.ts';
import { MetricName } from './metric.ts';

/** What calls came to, or may come to. */
export const Spending = object({ cost: z.number().min(0), tokens: Count, calls: Count });
export type Spending = z.infer<typeof Spending>;

/** What one job may spend in all, over all its attempts; null: no limit of that kind. */
export const Grant = object({ cost: z.number().min(0).nullable(), tokens: Count.nullable(), calls: Count.nullable() });
export type Grant = z.infer<typeof Grant>;

/** Hard limits of an experiment as a whole, and what it asks about first; left out: no limit of that kind. */
export const Budget = object({
  /** US dollars. */
  cost: z.number().positive().max(1_000_000).optional(),
  /** Of prompts and answers together. */
  tokens: z.int().min(1).optional(),
  /** Calls to endpoints, retries too. */
  calls: z.int().min(1).optional(),
  /** US dollars: where the first rows show that the whole comes to more, it waits for a yes. */
  confirm_above: z.number().min(0).max(1_000_000).optional(),
});
export type Budget = z.infer<typeof Budget>;

/** What something will have come to when it is done, by what its answers came to so far; null: unknown. */
export const Projection = object({
  /** US dollars. */
  cost: z.number().nullable(),
  tokens: Count.nullable(),
  /** Until it is done. */
  seconds: z.number().nullable(),
});
export type Projection = z.infer<typeof Projection>;

const Estimated = object({
  /** To endpoints; none by baselines and models that run here. */
  calls: Count,
  tokens: object({ prompt: Count, completion: Count }),
  /** US dollars; null: no price is known. */
  cost: z.number().nullable(),
  /** Until every row is answered; null: nothing is known of its speed. */
  seconds: z.number().nullable(),
});

/** What a model is taken to use before it was called, and on what that rests, in words. */
export const ModelEstimate = Estimated.extend({ name: Name, assumptions: z.array(z.string()) });
export type ModelEstimate = z.infer<typeof ModelEstimate>;

/** How small a difference between two models so many rows would show, by an assumption of how much rows differ. */
export const PowerEstimate = object({
  metric: MetricName,
  rows: Count,
  /** Tested together. */
  pairs: Count,
  /** The smallest difference worth acting on, in the metric's unit. */
  delta: z.number(),
  /** Assumed standard deviation of the rows' differences between two models. */
  spread: z.number(),
  /** The smallest difference that these rows find in 80 % of cases. */
  detectable: z.number().nullable(),
  /** To find a difference of delta in 80 % of cases. */
  rows_needed: Count,
  /** In a sentence or two, with the assumption. */
  text: z.string(),
});
export type PowerEstimate = z.infer<typeof PowerEstimate>;

/** Of an experiment that is not created yet. A total is unknown where a part is. */
export const ExperimentEstimate = object({
  /** That would be drawn. */
  rows: Count,
  models: z.array(ModelEstimate),
  /** Each over the answers of all models. */
  judges: z.array(ModelEstimate),
  total: Estimated,
  /** By the main metric; null: it has no better end, or there are no two models. */
  power: PowerEstimate.nullable(),
  /** What holds for all models. */
  assumptions: z.array(z.string()),
});
export type ExperimentEstimate = z.infer<typeof ExperimentEstimate>;
