/**
 * Colours for models, safe for colour blindness (Okabe & Ito 2008), by a workflow's position in its experiment: the same
 * in every table, chart and diff. Black stands last and follows the text colour so that it shows on dark.
 */
const OKABE_ITO = ['#0072b2', '#e69f00', '#009e73', '#d55e00', '#56b4e9', '#cc79a7', '#f0e442', 'var(--fg)'] as const;

export function modelColor(position: number): string {
  return OKABE_ITO[position % OKABE_ITO.length]!;
}
