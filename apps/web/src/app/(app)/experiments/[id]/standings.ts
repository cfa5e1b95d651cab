/** Where each model stands on a metric, against the best: what a table sets in strong or in faint, and the intervals it draws. */
import { type Comparison, findPair, type Metric, type Workflow } from '@touchstone/schemas';
import { leaders } from './findings.ts';

/** `tied`: not shown to be worse than the best. */
export type Standing = {
  standing: 'best' | 'tied' | 'worse';
  /** Where the value lies by all pairs together, on the metric's scale: it reaches the best's value where the two are tied. */
  interval: { low: number; high: number; level: number } | null;
};

/** Null where the metric has no direction, or nothing was compared by it. */
export function standings(
  workflows: readonly Workflow[],
  metric: Metric,
  comparison: Comparison,
): Map<string, Standing> | null {
  const best = leaders(workflows, metric)[0];
  const top = best?.metrics[metric.name]?.value;
  if (metric.direction === 'none' || !best || typeof top !== 'number') return null;
  const found = new Map<string, Standing>([[best.id, { standing: 'best', interval: null }]]);
  for (const { id } of workflows) {
    const pair = id === best.id ? null : findPair(comparison, metric.name, id, best.id);
    if (!pair?.label) continue;
    const { interval_simultaneous: interval } = pair;
    found.set(id, {
      standing: pair.label === 'worse' ? 'worse' : 'tied',
      interval: interval && { low: top + interval.low, high: top + interval.high, level: 0.95 },
    });
  }
  return found.size > 1 ? found : null;
}
