import {
  type Comparison,
  findPair,
  METRICS,
  type MetricName,
  type PairComparison,
  type Recommendation,
  type RecommendRule,
  rowsNeeded,
} from '@touchstone/schemas';
import { formatCost, formatMs, formatP, formatShare, formatValue, joinNames, quote } from './words.ts';

/** What is known of a workflow that may be recommended. */
export type Candidate = {
  id: string;
  name: string;
  is_baseline: boolean;
  /** Of the main metric; null: nothing was scored. */
  value: number | null;
  /** Rows without an answer, of those that ran; 0 to 1. */
  failed: number;
  /** Milliseconds. */
  latency_p95: number | null;
  /** US dollars for 1,000 rows; null: not known. */
  cost: number | null;
};

export type Situation = {
  metric: MetricName;
  candidates: Candidate[];
  /** Null where fewer than two were scored. */
  comparison: Comparison | null;
};

/** Above this share of rows that a model failed by its own fault, the first sentence says so. */
const MANY_FAILURES = 0.02;

/**
 * Which model to use, by a rule: the best on the main metric; of those that were not shown to be worse the cheapest, then the fastest
 * (or the other way round). Says nothing that the numbers do not show.
 */
export function recommend(situation: Situation, rule: RecommendRule): Recommendation {
  const { metric, candidates } = situation;
  const { label, direction } = METRICS[metric];
  const base = { workflow_id: null, runner_up_id: null, rule: describeRule(metric, rule) };
  const scored = candidates.filter((candidate) => candidate.value !== null);
  const nothing = (text: string, evidence: string[], would_change: string[]): Recommendation => ({
    ...base,
    outcome: 'none',
    text,
    evidence,
    would_change,
  });

  if (scored.length === 0) {
    return nothing(
      `Nothing was scored by ${label}, so no model can be recommended.`,
      [],
      ['Answers: see why the rows failed, then retry them.'],
    );
  }
  if (direction === 'none') {
    return nothing(
      `${label} says which model is longer, not which is better, so no model can be recommended.`,
      [],
      ['A main metric that has a better and a worse end.'],
    );
  }
  const left_out = scored.flatMap((candidate) => {
    const why = breaks(candidate, rule);
    return why ? [`${quote(candidate)} is left out: ${why}.`] : [];
  });
  const eligible = scored.filter((candidate) => breaks(candidate, rule) === null);
  if (eligible.length === 0) return nothing('No model is within the limits of the rule.', left_out, ['Wider limits.']);

  const best = eligible.reduce((a, b) => (isBetter(b.value!, a.value!, direction) ? b : a));
  if (eligible.length === 1 || !situation.comparison) {
    return {
      ...base,
      outcome: 'only_one',
      workflow_id: best.id,
      text:
        left_out.length > 0
          ? `${quote(best)} is the only model within the limits of the rule: ${label} ${formatValue(best.value!)}.`
          : `Only ${quote(best)} was scored (${label} ${formatValue(best.value!)}): there is nothing to compare it with.`,
      evidence: left_out,
      would_change: left_out.length > 0 ? ['Wider limits.'] : ['A second model, or a baseline, on the same rows.'],
    };
  }
  return choose({ ...situation, comparison: situation.comparison }, rule, { base, eligible, best, left_out });
}

type Chosen = Pick<Recommendation, 'outcome' | 'text'> & { candidate: Candidate };

function choose(
  situation: Situation & { comparison: Comparison },
  rule: RecommendRule,
  {
    base,
    eligible,
    best,
    left_out,
  }: {
    base: Pick<Recommendation, 'workflow_id' | 'runner_up_id' | 'rule'>;
    eligible: Candidate[];
    best: Candidate;
    left_out: string[];
  },
): Recommendation {
  const { metric, comparison } = situation;
  const against = (a: Candidate, b: Candidate) => findPair(comparison, metric, a.id, b.id);
  const isGoodEnough = (candidate: Candidate) => {
    if (candidate === best) return true;
    const pair = against(candidate, best);
    return pair !== null && pair.n > 0 && (pair.label !== 'worse' || isWithin(pair, metric, rule.delta));
  };
  const isBeaten = (baseline: Candidate) =>
    eligible.some((other) => !other.is_baseline && against(other, baseline)?.label === 'better');
  const group = eligible.filter((one) => isGoodEnough(one) && !(one.is_baseline && isBeaten(one)));
  const ranked = group.toSorted((a, b) => rank(a, b, rule.prefer) || compareValues(a, b, metric));
  const others = eligible.filter((one) => !group.includes(one)).toSorted((a, b) => compareValues(a, b, metric));
  const candidate = ranked[0]!;
  const second = ranked[1] ?? others[0]!;
  const chosen: Chosen =
    group.length === 1
      ? { ...sayWinner(candidate, second, against(candidate, second), metric, eligible), candidate }
      : { ...sayTie(ranked, best, against, metric, rule), candidate };
  return {
    ...base,
    outcome: chosen.outcome,
    workflow_id: candidate.id,
    runner_up_id: second.id,
    text: [...sayFailures(situation, group, candidate, second), chosen.text].join(' '),
    evidence: [
      ...[...ranked.slice(1), ...others]
        .slice(0, 6)
        .map((other) => describePair(candidate, other, against(candidate, other), metric)),
      ...left_out,
      describeFamily(comparison, metric),
    ],
    would_change: [
      ...sayRowsNeeded(situation, rule, against(candidate, second), group.length > 1),
      ...sayCheaper(candidate, others, against, metric),
    ],
  };
}

function sayWinner(
  a: Candidate,
  b: Candidate,
  pair: PairComparison | null,
  metric: MetricName,
  eligible: readonly Candidate[],
): Pick<Chosen, 'outcome' | 'text'> {
  const { label } = METRICS[metric];
  const hasModels = eligible.some((one) => !one.is_baseline);
  const numbers = `${formatValue(a.value!)} against ${formatValue(b.value!)}`;
  const isShown = pair?.label === 'better';
  const by = isShown ? `: the difference is ${formatDifference(pair)}` : '';
  const baseline = a.is_baseline && hasModels ? ', a baseline that no model beats' : '';
  return {
    outcome: 'winner',
    text: isShown
      ? `Use ${quote(a)}${baseline}: it is better than every other model on ${label}. ${numbers} of ${quote(b)}, the next best${by}.`
      : `Use ${quote(a)}${baseline}: ${label} ${numbers} of ${quote(b)}, with which it cannot be compared row by row.`,
  };
}

function sayTie(
  ranked: Candidate[],
  best: Candidate,
  against: (a: Candidate, b: Candidate) => PairComparison | null,
  metric: MetricName,
  rule: RecommendRule,
): Pick<Chosen, 'outcome' | 'text'> {
  const { label } = METRICS[metric];
  const [candidate, second] = ranked as [Candidate, Candidate, ...Candidate[]];
  const pairs = ranked.filter((one) => one !== best).map((one) => against(best, one)!);
  const rows = Math.min(...pairs.map(({ n }) => n));
  const names = joinNames(ranked.map(quote));
  const isEquivalent = pairs.every((pair) => pair.label === 'equivalent');
  const isShownWorse = pairs.some((pair) => pair.label === 'better');
  const few = rows < 30 ? ', which are too few to tell much' : '';
  const what = isEquivalent
    ? `${names} are equivalent on ${label}: they differ by less than what is worth acting on, on ${rows} rows.`
    : isShownWorse
      ? `${names} are within ${formatValue(rule.delta!)} of each other on ${label}, which the rule takes as good enough.`
      : `No difference shown between ${names} on ${label} on ${rows} rows${few}.`;
  const baseline =
    candidate.is_baseline && ranked.some((one) => !one.is_baseline)
      ? ', a baseline that no model was shown to beat'
      : '';
  return {
    outcome: 'tie',
    text: `${what} Use ${quote(candidate)}${baseline}${sayWhy(candidate, second, rule.prefer)}.`,
  };
}

/** `, the cheaper: $0.10 against $0.80 per 1,000 rows` */
function sayWhy(a: Candidate, b: Candidate, prefer: RecommendRule['prefer']): string {
  const reasons = { cheapest: [sayCost, saySpeed], fastest: [saySpeed, sayCost] }[prefer];
  for (const reason of reasons) {
    const said = reason(a, b);
    if (said) return said;
  }
  return ', with the better value; cost and latency do not decide';
}

function sayCost(a: Candidate, b: Candidate): string | null {
  if (a.cost === null || b.cost === a.cost) return null;
  if (b.cost === null)
    return `: it costs ${formatCost(a.cost)} per 1,000 rows, and the cost of ${quote(b)} is not known`;
  return `, the cheaper: ${formatCost(a.cost)} against ${formatCost(b.cost)} per 1,000 rows`;
}

function saySpeed(a: Candidate, b: Candidate): string | null {
  if (a.latency_p95 === null || b.latency_p95 === null || wholeMs(a) === wholeMs(b)) return null;
  return `, the faster: 95 % of rows within ${formatMs(a.latency_p95)} against ${formatMs(b.latency_p95)}`;
}

/** What a model failed by its own fault is said first: on the rows that are left it may look better than it is. */
function sayFailures(
  { metric, comparison, candidates }: Situation & { comparison: Comparison },
  group: Candidate[],
  candidate: Candidate,
  second: Candidate,
): string[] {
  const said: string[] = [];
  for (const { workflow_id, failed } of comparison.workflows) {
    const one = candidates.find(({ id }) => id === workflow_id);
    if (!one || !(group.includes(one) || one === second)) continue;
    const share = comparison.rows > 0 ? failed / comparison.rows : 0;
    if (share > MANY_FAILURES) {
      said.push(
        `${quote(one)} failed ${failed} of ${comparison.rows} rows itself (${formatShare(share)}); they are not in its score.`,
      );
    }
  }
  const pair = findPair(comparison, metric, candidate.id, second.id);
  if (pair?.with_failures && pair.with_failures.label !== pair.label) {
    said.push(
      `Counted as worst, they change the verdict: ${quote(candidate)} is then ${LABEL_WORDS[pair.with_failures.label ?? 'no_difference']} ${quote(second)}.`,
    );
  }
  return said;
}

const LABEL_WORDS = {
  better: 'better than',
  worse: 'worse than',
  no_difference: 'not shown to differ from',
  equivalent: 'equivalent to',
} as const;

function sayRowsNeeded(
  { metric }: Situation,
  rule: RecommendRule,
  pair: PairComparison | null,
  isTie: boolean,
): string[] {
  const delta = rule.delta || METRICS[metric].delta;
  if (!isTie || !pair || delta === null || pair.label === 'equivalent') return [];
  const needed = rowsNeeded(pair, delta);
  if (needed === null) return [];
  const difference = `a difference of ${formatValue(delta)}`;
  return needed > pair.n
    ? [
        `${(needed - pair.n).toLocaleString('en-US')} more rows would be needed to show ${difference} (with a probability of 80 %); ${pair.n} rows show one of ${formatValue(pair.detectable!)}.`,
      ]
    : [
        `${pair.n} rows would have shown ${difference} with a probability of 80 % or more; a smaller one needs more rows.`,
      ];
}

/** A model that is worse and costs less: what it would take to choose it. */
function sayCheaper(
  candidate: Candidate,
  others: Candidate[],
  against: (a: Candidate, b: Candidate) => PairComparison | null,
  metric: MetricName,
): string[] {
  const cheaper = others.find(
    (other) => !other.is_baseline && other.cost !== null && candidate.cost !== null && other.cost < candidate.cost,
  );
  const interval = cheaper && against(candidate, cheaper)?.interval_simultaneous;
  if (!cheaper || !interval) return [];
  const loss = Math.max(Math.abs(interval.low), Math.abs(interval.high));
  return [
    `If a loss of up to ${formatValue(loss)} in ${METRICS[metric].label} is acceptable, ${quote(cheaper)} costs ${formatCost(cheaper.cost!)} instead of ${formatCost(candidate.cost!)} per 1,000 rows.`,
  ];
}

function describePair(a: Candidate, b: Candidate, pair: PairComparison | null, metric: MetricName): string {
  const { label } = METRICS[metric];
  const values = `${label} of ${quote(a)} ${formatValue(a.value!)}, of ${quote(b)} ${formatValue(b.value!)}`;
  if (!pair || pair.difference === null) return `${values}; no row has a score of both.`;
  const rows = pair.wins === null ? '' : `; ${pair.wins} rows won, ${pair.ties} equal, ${pair.losses} lost`;
  const verdict = pair.label ? `: ${LABEL_WORDS[pair.label]} ${quote(b)}` : '';
  return `${values}; difference ${formatDifference(pair)}, adjusted p ${formatP(pair.p_adjusted!)}, ${pair.test} on ${pair.n} rows${rows}${verdict}.`;
}

/** `0.032 (0.021 to 0.043)` */
function formatDifference({ difference, interval_simultaneous: interval }: PairComparison): string {
  const ends = interval ? ` (${formatValue(interval.low)} to ${formatValue(interval.high)})` : '';
  return `${formatValue(difference!)}${ends}`;
}

function describeFamily({ pairs }: Comparison, metric: MetricName): string {
  const count = pairs.filter((pair) => pair.metric === metric && pair.n > 0).length;
  return count === 1
    ? 'One pair was tested; intervals are 95 %.'
    : `${count} pairs were tested together: p values are adjusted for all of them (Holm), and all intervals hold at once with 95 % (Bonferroni).`;
}

function describeRule(metric: MetricName, rule: RecommendRule): string {
  const order = rule.prefer === 'cheapest' ? 'the cheapest, then the fastest' : 'the fastest, then the cheapest';
  const near = rule.delta ? ` or are worse by less than ${formatValue(rule.delta)}` : '';
  const limits = [
    ...(rule.max_failed === undefined ? [] : [`at most ${formatShare(rule.max_failed)} of rows failed`]),
    ...(rule.max_latency_p95 === undefined ? [] : [`95 % of rows within ${formatMs(rule.max_latency_p95)}`]),
    ...(rule.max_cost === undefined ? [] : [`at most ${formatCost(rule.max_cost)} per 1,000 rows`]),
  ];
  const within = limits.length > 0 ? ` Of models with ${joinNames(limits)}.` : '';
  return `Best on ${METRICS[metric].label}; of those that are not shown to be worse${near}, ${order}. A baseline only where no model beats it.${within}`;
}

/** Why the rule does not allow it; null: it does. */
function breaks(candidate: Candidate, rule: RecommendRule): string | null {
  const { failed, latency_p95, cost } = candidate;
  if (rule.max_failed !== undefined && failed > rule.max_failed)
    return `${formatShare(failed)} of its rows failed, at most ${formatShare(rule.max_failed)} are allowed`;
  if (rule.max_latency_p95 !== undefined && (latency_p95 === null || latency_p95 > rule.max_latency_p95))
    return latency_p95 === null
      ? 'its latency is not known'
      : `95 % of its rows take up to ${formatMs(latency_p95)}, ${formatMs(rule.max_latency_p95)} are allowed`;
  if (rule.max_cost !== undefined && (cost === null || cost > rule.max_cost))
    return cost === null
      ? 'its cost is not known'
      : `it costs ${formatCost(cost)} per 1,000 rows, ${formatCost(rule.max_cost)} are allowed`;
  return null;
}

/** Not worse by delta or more: the simultaneous interval ends before it. */
function isWithin({ interval_simultaneous: interval }: PairComparison, metric: MetricName, delta = 0): boolean {
  if (!interval) return false;
  return METRICS[metric].direction === 'lower' ? interval.high < delta : interval.low > -delta;
}

const isBetter = (a: number, b: number, direction: 'higher' | 'lower') => (direction === 'higher' ? a > b : a < b);

function compareValues(a: Candidate, b: Candidate, metric: MetricName): number {
  return METRICS[metric].direction === 'lower' ? a.value! - b.value! : b.value! - a.value!;
}

/** A part of a millisecond is no reason to choose. */
const wholeMs = ({ latency_p95 }: Candidate) => Math.round(latency_p95 ?? Number.POSITIVE_INFINITY);

/** What is not known comes last. */
function rank(a: Candidate, b: Candidate, prefer: RecommendRule['prefer']): number {
  const compare = (x: number, y: number) => (x === y ? 0 : x - y);
  const byCost = compare(a.cost ?? Number.POSITIVE_INFINITY, b.cost ?? Number.POSITIVE_INFINITY);
  const byLatency = compare(wholeMs(a), wholeMs(b));
  return prefer === 'cheapest' ? byCost || byLatency : byLatency || byCost;
}
