/** How numbers and names are said in a recommendation. */

export const quote = ({ name }: { name: string }) => `"${name}"`;

/** Three significant digits. */
export const formatValue = (value: number) => String(Number(value.toPrecision(3)));

export const formatShare = (share: number) => `${Number((share * 100).toPrecision(2))} %`;

export const formatP = (p: number) => (p < 0.0001 ? '< 0.0001' : Number(p.toPrecision(2)).toString());

export const formatCost = (dollars: number) => `$${dollars >= 1 ? dollars.toFixed(2) : Number(dollars.toPrecision(2))}`;

export const formatMs = (ms: number) =>
  ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms / 1000).toPrecision(3))} s`;

/** `a, b and c` */
export function joinNames(names: string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
