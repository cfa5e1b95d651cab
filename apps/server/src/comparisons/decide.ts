import { type Comparison, findPair, type Metric, type PairComparison, type RecommendRule } from '@touchstone/schemas';

/** What is known of a workflow that may be recommended. */
export type Candidate = {
  id: string;
  name: string;
  is_baseline: boolean;
  /** On the cluster, or at an endpoint of one's own machine or network. */
  is_local: boolean;
  /** Of the main metric; null: nothing was scored. */
  value: number | null;
  /** Rows without an answer, of those that ran; 0 to 1. */
  failed: number;
  /** Answers that it failed by its own fault, of those that ran. */
  own_failures: { failed: number; ran: number };
  /** Milliseconds. */
  latency_p95: number | null;
  /** US dollars for 1,000 rows; null: not known. */
  cost: number | null;
  /** Answers that ran of those that were to, where it ended before all had: at its budget, or stopped. Null: it did not. */
  ended_early: { ran: number; total: number } | null;
};

export type Situation = {
  metric: Metric;
  candidates: Candidate[];
  /** Null where fewer than two were scored. */
  comparison: Comparison | null;
};

/** A limit of the rule that a candidate does not keep, also where it is not known whether it does. */
export type LeftOut = { candidate: Candidate; limit: 'local_only' | 'max_failed' | 'max_latency_p95' | 'max_cost' };

export type Choice = {
  outcome: 'winner' | 'tie';
  candidate: Candidate;
  second: Candidate;
  /** Of the best value, whatever it costs. */
  best: Candidate;
  /** Those that are good enough, in the order of the rule; `candidate` is the first. */
  ranked: Candidate[];
  /** The rest, the better value first. */
  others: Candidate[];
};

export type Decision = { left_out: LeftOut[] } & (
  | { outcome: 'none'; because: 'nothing_scored' | 'no_direction' | 'limits' }
  | { outcome: 'only_one'; candidate: Candidate }
  | Choice
);

/**
 * The best on the main metric; of those that may stand beside it by the rule the cheapest, then the fastest (or the other way round); a
 * baseline only where no model was shown to beat it. Pure: how it is said is in recommend.ts.
 */
export function decide({ metric, candidates, comparison }: Situation, rule: RecommendRule): Decision {
  const scored = candidates.filter((candidate) => candidate.value !== null);
  if (scored.length === 0) return { outcome: 'none', because: 'nothing_scored', left_out: [] };
  if (metric.direction === 'none') return { outcome: 'none', because: 'no_direction', left_out: [] };
  const left_out = scored.flatMap((candidate) => {
    const limit = findBrokenLimit(candidate, rule);
    return limit ? [{ candidate, limit }] : [];
  });
  const eligible = scored.filter((one) => !left_out.some(({ candidate }) => candidate === one));
  const [best] = eligible.toSorted((a, b) => compareValues(a, b, metric));
  if (!best) return { outcome: 'none', because: 'limits', left_out };
  if (eligible.length === 1 || !comparison) return { outcome: 'only_one', candidate: best, left_out };
  return { ...choose({ metric, comparison, eligible, best }, rule), left_out };
}

function choose(
  {
    metric,
    comparison,
    eligible,
    best,
  }: { metric: Metric; comparison: Comparison; eligible: Candidate[]; best: Candidate },
  rule: RecommendRule,
): Choice {
  const against = (a: Candidate, b: Candidate) => findPair(comparison, metric.name, a.id, b.id);
  const isGoodEnough = (candidate: Candidate) => {
    if (candidate === best) return true;
    const pair = against(candidate, best);
    if (pair === null || pair.n === 0) return false;
    const needsProof = rule.rule === 'not_worse_by_delta' || pair.label === 'worse';
    return !needsProof || isWithin(pair, metric, lossOf(metric, rule));
  };
  const isBeaten = (baseline: Candidate) =>
    eligible.some((other) => !other.is_baseline && against(other, baseline)?.label === 'better');
  const group = eligible.filter((one) => isGoodEnough(one) && !(one.is_baseline && isBeaten(one)));
  const ranked = group.toSorted((a, b) => rank(a, b, rule.prefer) || compareValues(a, b, metric));
  const others = eligible.filter((one) => !group.includes(one)).toSorted((a, b) => compareValues(a, b, metric));
  return {
    outcome: group.length === 1 ? 'winner' : 'tie',
    candidate: ranked[0]!,
    second: ranked[1] ?? others[0]!,
    best,
    ranked,
    others,
  };
}

/** The loss that the rule takes as none. */
export function lossOf(metric: Metric, { rule, delta }: RecommendRule): number {
  return delta ?? (rule === 'best' ? 0 : (metric.delta ?? 0));
}

function findBrokenLimit(
  { is_local, failed, latency_p95, cost }: Candidate,
  rule: RecommendRule,
): LeftOut['limit'] | null {
  if (rule.local_only && !is_local) return 'local_only';
  const isOver = (value: number | null, limit: number | undefined) =>
    limit !== undefined && (value === null || value > limit);
  if (isOver(failed, rule.max_failed)) return 'max_failed';
  if (isOver(latency_p95, rule.max_latency_p95)) return 'max_latency_p95';
  return isOver(cost, rule.max_cost) ? 'max_cost' : null;
}

/** Not worse by delta or more: the one-sided bound of the difference lies before it. */
function isWithin({ bounds, interval_simultaneous }: PairComparison, metric: Metric, delta: number): boolean {
  // A comparison of before there were bounds has intervals alone, which are a little wider.
  const interval = bounds ?? interval_simultaneous;
  if (!interval) return false;
  return metric.direction === 'lower' ? interval.high < delta : interval.low > -delta;
}

/** The better value first. */
function compareValues(a: Candidate, b: Candidate, metric: Metric): number {
  return metric.direction === 'lower' ? a.value! - b.value! : b.value! - a.value!;
}

/** A part of a millisecond is no reason to choose. */
export const wholeMs = ({ latency_p95 }: Candidate) => Math.round(latency_p95 ?? Number.POSITIVE_INFINITY);

/** What is not known comes last. */
function rank(a: Candidate, b: Candidate, prefer: RecommendRule['prefer']): number {
  const compare = (x: number, y: number) => (x === y ? 0 : x - y);
  const byCost = compare(a.cost ?? Number.POSITIVE_INFINITY, b.cost ?? Number.POSITIVE_INFINITY);
  const byLatency = compare(wholeMs(a), wholeMs(b));
  return prefer === 'cheapest' ? byCost || byLatency : byLatency || byCost;
}
