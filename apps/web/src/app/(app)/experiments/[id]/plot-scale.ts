/** A plot's axis: where it begins and ends, and the round numbers on it. Pure. */
export type PlotScale = { low: number; high: number; step: number };

const TICKS = 5;

/** Round ends around the values, which may be all the same. */
export function scaleOf(values: readonly number[], { isFromZero = false } = {}): PlotScale {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const from = isFromZero ? Math.min(0, least) : least;
  const room = most - from || Math.abs(most) || 1;
  const step = roundStep(room / TICKS);
  const low = Math.floor(from / step) * step;
  const high = Math.ceil(most / step) * step;
  return { low, high: high > low ? high : low + step, step };
}

export function linearTicks({ low, high, step }: PlotScale): number[] {
  const count = Math.round((high - low) / step);
  // Multiples, not sums: 0.1 + 0.2 is not 0.3.
  const first = Math.round(low / step);
  return Array.from({ length: count + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** The next of 1, 2 and 5 times a power of ten. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((one) => one * power >= step * 0.999)!;
  return factor * power;
}
