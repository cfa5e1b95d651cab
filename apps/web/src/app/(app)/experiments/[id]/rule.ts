/** The rule of the recommendation as it stands in the URL: can be shared and gone back to. */
import { RecommendRule } from '@touchstone/schemas';

/** In the URL a share is a percentage. */
const LIMITS = {
  delta: 'delta',
  max_failed: 'max_failed',
  max_latency_p95: 'max_latency',
  max_cost: 'max_cost',
} as const satisfies Partial<Record<keyof RecommendRule, string>>;
export type Limit = keyof typeof LIMITS;

/** What the URL says and cannot be is left out. */
export function readRule(params: URLSearchParams): RecommendRule {
  const rule: RecommendRule = { prefer: params.get('prefer') === 'fastest' ? 'fastest' : 'cheapest' };
  for (const limit of Object.keys(LIMITS) as Limit[]) {
    const value = readLimit(limit, params.get(LIMITS[limit]) ?? '');
    if (value !== null) rule[limit] = value;
  }
  return rule;
}

/** The limit that a person typed, in the rule's unit; null: none, or it cannot be one. */
export function readLimit(limit: Limit, text: string): number | null {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text.trim())) return null;
  const value = Number(text) / (limit === 'max_failed' ? 100 : 1);
  return RecommendRule.shape[limit].safeParse(value).success ? value : null;
}

export const limitParam = (limit: Limit): string => LIMITS[limit];
