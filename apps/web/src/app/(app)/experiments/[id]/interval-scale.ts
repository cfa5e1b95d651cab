/** The horizontal scale that all cells of a metric's column share. */
export type Scale = { low: number; high: number };

export type Point = { value: number | null; interval: { low: number; high: number } | null };

/** The nearest of 1, 2, 5 × 10ⁿ that is not below `span`. */
function niceStep(span: number): number {
  const power = 10 ** Math.floor(Math.log10(span));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= span * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Takes away what binary fractions add: 0.30000000000000004. */
const tidy = (value: number) => Number(value.toPrecision(12));

/**
 * A scale with round ends that holds every value and interval and stays inside the metric's range.
 * It does not start at zero: the cells compare positions, not lengths. Null where no point has a value.
 */
export function columnScale(points: readonly Point[], range: readonly [number, number | null]): Scale | null {
  const values = points.flatMap(({ value, interval }) =>
    value === null ? [] : interval ? [value, interval.low, interval.high] : [value],
  );
  if (values.length === 0) return null;
  const min = Math.min(...values);
  const max = Math.max(...values);
  const span = max - min || Math.abs(max) * 0.2 || (range[1] === null ? 1 : (range[1] - range[0]) / 10);
  const step = niceStep(span / 8);
  let low = Math.floor(min / step + 1e-9) * step;
  let high = Math.ceil(max / step - 1e-9) * step;
  if (max === min) {
    low -= step;
    high += step;
  }
  return { low: tidy(Math.max(low, range[0])), high: tidy(range[1] === null ? high : Math.min(high, range[1])) };
}

/** Where `value` lies on the scale: 0 at its low end, 1 at its high end. */
export function position(scale: Scale, value: number): number {
  if (scale.high === scale.low) return 0.5;
  return Math.min(1, Math.max(0, (value - scale.low) / (scale.high - scale.low)));
}
