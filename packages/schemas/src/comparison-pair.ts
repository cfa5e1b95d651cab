import type { Comparison, PairComparison, PairLabel } from './comparison.ts';
import type { Interval, MetricName } from './metric.ts';

const TURNED: Record<PairLabel, PairLabel> = {
  better: 'worse',
  worse: 'better',
  no_difference: 'no_difference',
  equivalent: 'equivalent',
};

/** The comparison of `a` with `b`, whichever way round it was made; null where there is none. */
export function findPair(
  { pairs }: Pick<Comparison, 'pairs'>,
  metric: MetricName,
  a: string,
  b: string,
): PairComparison | null {
  const found = pairs.find(
    (pair) => pair.metric === metric && ((pair.a === a && pair.b === b) || (pair.a === b && pair.b === a)),
  );
  if (!found) return null;
  return found.a === a ? found : turn(found);
}

/** The same comparison, told of the workflow that is better where one is. */
export function betterFirst(pair: PairComparison): PairComparison {
  return pair.label === 'worse' ? turn(pair) : pair;
}

/** The same comparison, told of its second workflow. */
function turn(pair: PairComparison): PairComparison {
  return {
    ...pair,
    a: pair.b,
    b: pair.a,
    difference: negate(pair.difference),
    interval: mirror(pair.interval),
    interval_simultaneous: mirror(pair.interval_simultaneous),
    bounds: mirror(pair.bounds),
    effect_size: negate(pair.effect_size),
    wins: pair.losses,
    losses: pair.wins,
    label: pair.label && TURNED[pair.label],
    with_failures: pair.with_failures && {
      ...pair.with_failures,
      difference: -pair.with_failures.difference,
      label: pair.with_failures.label && TURNED[pair.with_failures.label],
    },
  };
}

// Not -0, which would be shown as such.
const negate = (value: number | null) => (value === null ? null : 0 - value);
const mirror = (interval: Interval | null) =>
  interval && { ...interval, low: 0 - interval.high, high: 0 - interval.low };

/**
 * Rows that a pair needs until a difference of `delta` is found with a probability of 80 %, from the spread of its differences; null
 * where they have none.
 */
export function rowsNeeded({ n, detectable }: PairComparison, delta: number): number | null {
  return detectable === null || delta <= 0 ? null : Math.ceil(n * (detectable / delta) ** 2);
}
