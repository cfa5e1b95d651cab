import { findPair, type TradeOff } from '@touchstone/schemas';
import { type Candidate, type Situation, wholeMs } from './decide.ts';

/**
 * The Pareto front over quality, cost and latency: a model is dominated only by one that was shown to be better, and is not known to cost
 * more or to be slower. Where cost or latency of one of the two is not known, it cannot be said.
 */
export function findTradeOff({ metric, candidates, comparison }: Situation): TradeOff[] {
  const dominates = (a: Candidate, b: Candidate) =>
    comparison !== null &&
    findPair(comparison, metric.name, a.id, b.id)?.label === 'better' &&
    isNoMore(a.cost, b.cost) &&
    isNoMore(a.latency_p95 === null ? null : wholeMs(a), b.latency_p95 === null ? null : wholeMs(b));
  return candidates.flatMap((one) => {
    const { id: workflow_id, value, cost, latency_p95 } = one;
    if (value === null) return [];
    const dominated_by = candidates.find((other) => dominates(other, one))?.id ?? null;
    return [{ workflow_id, value, cost, latency_p95, dominated_by }];
  });
}

const isNoMore = (a: number | null, b: number | null) => a !== null && b !== null && a <= b;
