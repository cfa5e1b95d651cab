/** The rule of the recommendation: the experiment's, and over it what the URL changes, which can be shared and gone back to. */
import { RecommendRule } from '@touchstone/schemas';

/** Of the URL; there a share is a percentage. */
const LIMITS = {
  delta: 'delta',
  max_failed: 'max_failed',
  max_latency_p95: 'max_latency',
  max_cost: 'max_cost',
} as const satisfies Partial<Record<keyof RecommendRule, string>>;
export type Limit = keyof typeof LIMITS;

/** Of a limit that the experiment's rule has and the changed one has not. */
const NONE = 'none';

/** What the URL says and cannot be is left out. */
export function readRule(params: URLSearchParams, stored: RecommendRule): RecommendRule {
  const { rule, prefer, local_only } = RecommendRule.shape;
  const local = params.get('local');
  const read: RecommendRule = {
    ...stored,
    rule: rule.catch(stored.rule).parse(params.get('rule') ?? stored.rule),
    prefer: prefer.catch(stored.prefer).parse(params.get('prefer') ?? stored.prefer),
    ...(local !== null && { local_only: local_only.parse(local === '1') }),
  };
  for (const limit of Object.keys(LIMITS) as Limit[]) {
    const text = params.get(LIMITS[limit]) ?? '';
    const value = readLimit(limit, text);
    if (text === NONE) delete read[limit];
    else if (value !== null) read[limit] = value;
  }
  if (!read.local_only) delete read.local_only;
  return read;
}

/** The limit that a person typed, in the rule's unit; null: none, or it cannot be one. */
export function readLimit(limit: Limit, text: string): number | null {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text.trim())) return null;
  const value = Number(text) / (limit === 'max_failed' ? 100 : 1);
  return RecommendRule.shape[limit].safeParse(value).success ? value : null;
}

/** A limit as a person types it. */
export function limitText(limit: Limit, { [limit]: value }: RecommendRule): string {
  return value === undefined ? '' : String(limit === 'max_failed' ? Number((value * 100).toPrecision(12)) : value);
}

/** What stands in a limit's field: what was typed, else what the experiment's rule has. */
export function typedLimit(limit: Limit, params: URLSearchParams, stored: RecommendRule): string {
  const typed = params.get(LIMITS[limit]);
  return typed === NONE ? '' : (typed ?? limitText(limit, stored));
}

/** What the URL has to say for one change of the rule; what the experiment's rule says is left out. */
export function ruleParams(
  change: { limit: Limit; text: string } | Pick<RecommendRule, 'rule' | 'prefer'> | { local_only: boolean },
  stored: RecommendRule,
): Record<string, string | null> {
  if ('limit' in change) {
    const { limit, text } = change;
    return { [LIMITS[limit]]: text === limitText(limit, stored) ? null : text === '' ? NONE : text };
  }
  if ('local_only' in change) {
    const isStored = change.local_only === (stored.local_only ?? false);
    return { local: isStored ? null : change.local_only ? '1' : '0' };
  }
  return {
    rule: change.rule === stored.rule ? null : change.rule,
    prefer: change.prefer === stored.prefer ? null : change.prefer,
  };
}

/** The URL without any change of the rule. */
export const NO_RULE_PARAMS: Record<string, null> = Object.fromEntries(
  ['rule', 'prefer', 'local', ...Object.values(LIMITS)].map((name) => [name, null]),
);
