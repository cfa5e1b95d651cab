/**
 * Colours for models, safe for colour blindness (Okabe & Ito 2008), by a workflow's position in its experiment: the same
 * in every table, chart and diff. Black stands last and follows the text colour so that it shows on dark.
 */
const OKABE_ITO = ['#0072b2', '#e69f00', '#009e73', '#d55e00', '#56b4e9', '#cc79a7', '#f0e442', 'var(--fg)'] as const;

/** A second round of the colours: drawn as a ring instead of a dot. */
export function isRing(position: number): boolean {
  return Math.floor(position / OKABE_ITO.length) % 2 === 1;
}

/** The edge of a mark, so that pale yellow shows on white and deep blue on black. */
export function modelEdge(position: number): string {
  return `color-mix(in srgb, ${modelColor(position)} 75%, var(--fg))`;
}

export function modelColor(position: number): string {
  return OKABE_ITO[position % OKABE_ITO.length]!;
}
