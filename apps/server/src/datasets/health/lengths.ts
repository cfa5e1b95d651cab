/** Lengths that stand apart from the column's own. */

/** From so few texts no quartile says what is usual. */
export const LEAST_TEXTS = 20;
/** Lengths of nearly equal texts would all stand apart: a third more or less is always usual. */
const LEAST_SPREAD = Math.log(4 / 3);

export type Quartiles = [number, number, number];

/**
 * The usual lengths: within Tukey's outer fences (Exploratory Data Analysis, 1977: three interquartile ranges outside of the quartiles), of the
 * logarithm, since lengths of texts are skewed. In the unit of the quartiles.
 */
export function usualLengths([low, , high]: Quartiles): { least: number; most: number } {
  const [from, to] = [Math.log(Math.max(low, 1)), Math.log(Math.max(high, 1))];
  const reach = 3 * Math.max(to - from, LEAST_SPREAD);
  return { least: Math.exp(from - reach), most: Math.exp(to + reach) };
}
