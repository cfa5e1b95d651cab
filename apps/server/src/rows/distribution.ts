import type { Distribution, DistributionInput } from '@touchstone/schemas';
import type { z } from 'zod';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { getExperimentRecord } from '../experiments/service.ts';
import { findRowsSource, meanScores } from './source.ts';
import { quoteName } from './store.ts';

/** About so many bins: enough to see two humps, few enough to see them at a glance. */
const BINS = 20;

/**
 * The ends of bins of one width, 1, 2 or 5 times a power of ten, that hold all values from `low` to `high`. A value that all rows have
 * has a bin of its own.
 */
export function chooseEdges(low: number, high: number): number[] {
  const wanted = (high - low || Math.abs(high) || 1) / BINS;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const width = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= wanted * (1 - 1e-9))!;
  const first = Math.floor(low / width + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / width - 1e-9));
  // 0.3 rather than 3 × 0.1.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * width).toPrecision(12)));
}

type Facts = { place: number; scored: bigint; low: number | null; high: number | null; quartiles: number[] | null };

/** How the values of a metric lie, by workflow, over the same bins; of several answers to a row, their mean. */
export async function getDistribution(
  ctx: Ctx,
  { experiment_id, metric }: z.output<typeof DistributionInput>,
): Promise<Distribution> {
  return ctx.share_read(`rows.distribution ${experiment_id} ${metric}`, async () => {
    const source = await findRowsSource(ctx, await getExperimentRecord(ctx, experiment_id));
    const names = source.metrics.map(({ name }) => name);
    if (!names.includes(metric)) {
      throw new AppError('INVALID', `Rows of this experiment are scored by ${names.join(', ') || 'no metric'}.`);
    }
    const values = source.workflows.flatMap((workflow, place) => {
      const scores = meanScores(workflow, [metric]);
      const column = quoteName(metric);
      return scores
        ? [`SELECT ${place} AS place, ${column} AS value FROM (${scores}) WHERE ${column} IS NOT NULL`]
        : [];
    });
    if (values.length === 0) return { metric, edges: [], workflows: [] };
    const all = `WITH v AS (${values.join(' UNION ALL ')})`;
    const facts = await ctx.row_store.query<Facts>(
      `${all} SELECT place, count(*) AS scored, min(value)::DOUBLE AS low, max(value)::DOUBLE AS high,
         quantile_cont(value, [0.25, 0.5, 0.75])::DOUBLE[] AS quartiles FROM v GROUP BY place ORDER BY place`,
    );
    if (facts.length === 0) return { metric, edges: [], workflows: [] };
    const edges = chooseEdges(Math.min(...facts.map(({ low }) => low!)), Math.max(...facts.map(({ high }) => high!)));
    const bins = edges.length - 1;
    const width = (edges[bins]! - edges[0]!) / bins;
    const counted = await ctx.row_store.query<{ place: number; bin: number; n: bigint }>(
      `${all} SELECT place, least(floor((value - ${edges[0]}) / ${width} + 1e-9), ${bins - 1})::INTEGER AS bin, count(*) AS n
       FROM v GROUP BY place, bin`,
    );
    return {
      metric,
      edges,
      workflows: facts.map(({ place, scored, quartiles }) => {
        const counts = Array.from({ length: bins }, () => 0);
        for (const { bin, n } of counted.filter((one) => one.place === place)) counts[bin] = Number(n);
        return {
          workflow_id: source.workflows[place]!.id,
          scored: Number(scored),
          counts,
          quartiles: quartiles as [number, number, number] | null,
        };
      }),
    };
  });
}
