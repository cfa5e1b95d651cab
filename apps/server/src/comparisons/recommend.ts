import {
  type Comparison,
  findPair,
  type Metric,
  type PairComparison,
  type Recommendation,
  type RecommendRule,
  rowsNeeded,
} from '@touchstone/schemas';
import {
  type Candidate,
  type Choice,
  type Decision,
  decide,
  type LeftOut,
  lossOf,
  type Situation,
  wholeMs,
} from './decide.ts';
import { formatCost, formatMs, formatP, formatShare, formatValue, joinNames, quote } from './words.ts';

/** Above this share of answers that a model failed by its own fault, the first sentence says so. */
const MANY_FAILURES = 0.02;

/** Which model to use, by a rule, in words that say nothing that the numbers do not show. */
export function recommend(situation: Situation, rule: RecommendRule): Recommendation {
  const decision = decide(situation, rule);
  const left_out = decision.left_out.map((one) => sayLeftOut(one, rule));
  const said = say(situation, rule, decision);
  const failures = sayFailures(situation, decision);
  return {
    outcome: decision.outcome,
    workflow_id: decision.outcome === 'none' ? null : decision.candidate.id,
    runner_up_id: 'second' in decision ? decision.second.id : null,
    rule: describeRule(situation.metric, rule),
    text: [...failures, said.text].join(' '),
    evidence: [...said.evidence, ...left_out, ...said.about_tests],
    would_change: said.would_change,
  };
}

/** `about_tests`: how many were made at once, which comes last. */
type Said = { text: string; evidence: string[]; about_tests: string[]; would_change: string[] };

function say(situation: Situation, rule: RecommendRule, decision: Decision): Said {
  const { metric, comparison } = situation;
  const { label } = metric;
  const alone = (text: string, would_change: string): Said => ({
    text,
    evidence: [],
    about_tests: [],
    would_change: [would_change],
  });
  if (decision.outcome === 'none') return alone(...sayNothing(label)[decision.because]);
  if (decision.outcome === 'only_one') {
    const { candidate, left_out } = decision;
    const value = `${label} ${formatValue(candidate.value!)}`;
    return left_out.length > 0
      ? alone(`${quote(candidate)} is the only model within the limits of the rule: ${value}.`, 'Wider limits.')
      : alone(
          `Only ${quote(candidate)} was scored (${value}): there is nothing to compare it with.`,
          'A second model, or a baseline, on the same rows.',
        );
  }
  return sayChoice({ metric, candidates: situation.candidates, comparison: comparison! }, rule, decision);
}

const sayNothing = (label: string): Record<'nothing_scored' | 'no_direction' | 'limits', [string, string]> => ({
  nothing_scored: [
    `Nothing was scored by ${label}, so no model can be recommended.`,
    'Answers: see why the rows failed, then retry them.',
  ],
  no_direction: [
    `${label} says which model is longer, not which is better, so no model can be recommended.`,
    'A main metric that has a better and a worse end.',
  ],
  limits: ['No model is within the limits of the rule.', 'Wider limits.'],
});

function sayLeftOut({ candidate, limit }: LeftOut, rule: RecommendRule): string {
  const { failed, latency_p95, cost } = candidate;
  const why = {
    local_only: () => 'it does not run here',
    max_failed: () => `${formatShare(failed)} of its rows failed, at most ${formatShare(rule.max_failed!)} are allowed`,
    max_latency_p95: () =>
      latency_p95 === null
        ? 'its latency is not known'
        : `95 % of its rows take up to ${formatMs(latency_p95)}, ${formatMs(rule.max_latency_p95!)} are allowed`,
    max_cost: () =>
      cost === null
        ? 'its cost is not known'
        : `it costs ${formatCost(cost)} per 1,000 rows, ${formatCost(rule.max_cost!)} are allowed`,
  }[limit];
  return `${quote(candidate)} is left out: ${why()}.`;
}

type Compared = Situation & { comparison: Comparison };

function sayChoice(situation: Compared, rule: RecommendRule, choice: Choice): Said {
  const { metric, comparison } = situation;
  const { candidate, second, ranked, others } = choice;
  const against = (a: Candidate, b: Candidate) => findPair(comparison, metric.name, a.id, b.id);
  const text =
    choice.outcome === 'winner'
      ? sayWinner(candidate, second, against(candidate, second), metric, rule, [candidate, ...others])
      : sayTie(choice, against, metric, rule);
  return {
    text: [...sayEndedEarly([...ranked, ...others]), text].join(' '),
    evidence: [...ranked.slice(1), ...others]
      .slice(0, 6)
      .map((other) => describePair(candidate, other, against(candidate, other), metric)),
    about_tests: [describeFamily(comparison, metric)],
    would_change: [
      ...sayRowsNeeded(metric, rule, against(candidate, second), choice.outcome === 'tie'),
      ...sayCheaper(candidate, others, against, metric),
    ],
  };
}

function sayWinner(
  a: Candidate,
  b: Candidate,
  pair: PairComparison | null,
  metric: Metric,
  rule: RecommendRule,
  eligible: readonly Candidate[],
): string {
  const { label } = metric;
  const hasModels = eligible.some((one) => !one.is_baseline);
  const numbers = `${formatValue(a.value!)} against ${formatValue(b.value!)}`;
  const isShown = pair?.label === 'better';
  const by = isShown ? `: the difference is ${formatDifference(pair)}` : '';
  const baseline = a.is_baseline && hasModels ? ', a baseline that no model beats' : '';
  if (isShown) {
    return `Use ${quote(a)}${baseline}: it is better than every other model on ${label}. ${numbers} of ${quote(b)}, the next best${by}.`;
  }
  return pair && pair.n > 0
    ? `Use ${quote(a)}${baseline}: it has the best value, ${label} ${numbers} of ${quote(b)}, and no other model was shown to lose less than ${formatValue(lossOf(metric, rule))}.`
    : `Use ${quote(a)}${baseline}: ${label} ${numbers} of ${quote(b)}, with which it cannot be compared row by row.`;
}

function sayTie(
  { ranked, candidate, second, best }: Choice,
  against: (a: Candidate, b: Candidate) => PairComparison | null,
  metric: Metric,
  rule: RecommendRule,
): string {
  const { label } = metric;
  const pairs = ranked.filter((one) => one !== best).map((one) => against(best, one)!);
  const rows = Math.min(...pairs.map(({ n }) => n));
  const names = joinNames(ranked.map(quote));
  const isEquivalent = pairs.every((pair) => pair.label === 'equivalent');
  const isShownWorse = pairs.some((pair) => pair.label === 'better');
  const loss = formatValue(lossOf(metric, rule));
  const few = rows < 30 ? ', which are too few to tell much' : '';
  const what = isEquivalent
    ? `${names} are equivalent on ${label}: they differ by less than what is worth acting on, on ${rows} rows.`
    : rule.rule === 'not_worse_by_delta'
      ? `${joinNames(ranked.filter((one) => one !== best).map(quote))} ${ranked.length > 2 ? 'lose' : 'loses'} less than ${loss} of ${label} against ${quote(best)}, which has the best value, on ${rows} rows.`
      : isShownWorse
        ? `${names} are within ${loss} of each other on ${label}, which the rule takes as good enough.`
        : `No difference shown between ${names} on ${label} on ${rows} rows${few}.`;
  const baseline =
    candidate.is_baseline && ranked.some((one) => !one.is_baseline)
      ? ', a baseline that no model was shown to beat'
      : '';
  return `${what} Use ${quote(candidate)}${baseline}${sayWhy(candidate, second, rule.prefer)}.${sayRisk(candidate, best, against(best, candidate), metric, rule)}`;
}

/** Not to be told apart is not the same: how much may be lost by not taking the best value, where that is worth acting on. */
function sayRisk(
  candidate: Candidate,
  best: Candidate,
  pair: PairComparison | null,
  metric: Metric,
  rule: RecommendRule,
): string {
  const interval = pair?.interval_simultaneous;
  if (candidate === best || !interval) return '';
  const loss = metric.direction === 'lower' ? -interval.low : interval.high;
  if (loss <= (rule.delta ?? metric.delta ?? 0)) return '';
  return ` It may still be worse than ${quote(best)}, which has the best value, by up to ${formatValue(loss)}.`;
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

/** Their own values are of fewer rows than those of the others. */
function sayEndedEarly(candidates: readonly Candidate[]): string[] {
  const early = candidates.flatMap((one) =>
    one.ended_early ? [`${quote(one)} with ${one.ended_early.ran} of ${one.ended_early.total} answers`] : [],
  );
  return early.length === 0
    ? []
    : [`${joinNames(early)} ended early: models are compared on the rows that both answered.`];
}

/** What a model failed by its own fault is said first: on the rows that are left it may look better than it is. */
function sayFailures({ metric, comparison, candidates }: Situation, decision: Decision): string[] {
  if (decision.outcome === 'none') return [];
  const { candidate } = decision;
  const many = candidates.filter(({ own_failures: { failed, ran } }) => failed > MANY_FAILURES * ran);
  const said = many.map((one) => {
    const { failed, ran } = one.own_failures;
    return `${quote(one)} failed ${failed} of ${ran} rows itself (${formatShare(failed / ran)}); they are not in its score.`;
  });
  const flips = candidates.flatMap((other) => {
    const pair = comparison && findPair(comparison, metric.name, candidate.id, other.id);
    if (!pair?.with_failures || pair.with_failures.label === pair.label) return [];
    return [`${LABEL_WORDS[pair.with_failures.label ?? 'no_difference']} ${quote(other)}`];
  });
  if (flips.length > 0) {
    said.push(
      `Failed rows change the verdict: counted as the worst, they make ${quote(candidate)} ${joinNames(flips)}.`,
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

function sayRowsNeeded(metric: Metric, rule: RecommendRule, pair: PairComparison | null, isTie: boolean): string[] {
  const delta = rule.delta || metric.delta;
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
  metric: Metric,
): string[] {
  const cheaper = others.find(
    (other) => !other.is_baseline && other.cost !== null && candidate.cost !== null && other.cost < candidate.cost,
  );
  const interval = cheaper && against(candidate, cheaper)?.interval_simultaneous;
  if (!cheaper || !interval) return [];
  const loss = Math.max(Math.abs(interval.low), Math.abs(interval.high));
  return [
    `If a loss of up to ${formatValue(loss)} in ${metric.label} is acceptable, ${quote(cheaper)} costs ${formatCost(cheaper.cost!)} instead of ${formatCost(candidate.cost!)} per 1,000 rows.`,
  ];
}

function describePair(a: Candidate, b: Candidate, pair: PairComparison | null, metric: Metric): string {
  const { label } = metric;
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

function describeFamily({ pairs }: Comparison, metric: Metric): string {
  const count = pairs.filter((pair) => pair.metric === metric.name && pair.n > 0).length;
  return count === 1
    ? 'One pair was tested; intervals are 95 %.'
    : `${count} pairs were tested together: p values are adjusted for all of them (Holm), and all intervals hold at once with 95 % (Bonferroni).`;
}

function describeRule(metric: Metric, rule: RecommendRule): string {
  const order = rule.prefer === 'cheapest' ? 'the cheapest, then the fastest' : 'the fastest, then the cheapest';
  const loss = formatValue(lossOf(metric, rule));
  const beside =
    rule.rule === 'not_worse_by_delta'
      ? `are shown to lose less than ${loss}`
      : `are not shown to be worse${rule.delta ? ` or are worse by less than ${loss}` : ''}`;
  const limits = [
    ...(rule.local_only ? ['no call to anybody else'] : []),
    ...(rule.max_failed === undefined ? [] : [`at most ${formatShare(rule.max_failed)} of rows failed`]),
    ...(rule.max_latency_p95 === undefined ? [] : [`95 % of rows within ${formatMs(rule.max_latency_p95)}`]),
    ...(rule.max_cost === undefined ? [] : [`at most ${formatCost(rule.max_cost)} per 1,000 rows`]),
  ];
  const within = limits.length > 0 ? ` Of models with ${joinNames(limits)}.` : '';
  return `Best on ${metric.label}; of those that ${beside}, ${order}. A baseline only where no model beats it.${within}`;
}
