/** From and to; the same twice for a fixed value. */
export type Range = readonly [number, number];

/** `200` or `100-300`. */
export function parseRange(name: string, value: string): Range {
  const [from, to = from] = value.split('-').map((part) => parseNumber(name, part));
  return [from!, to!];
}

export function parseNumber(name: string, value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= 0)) throw new Error(`${name} is not a number: "${value}".`);
  return number;
}
