import type { Budget, Grant, Spending } from '@touchstone/schemas';

/** One job of an experiment that has a part in its budget. */
export type Part = {
  /** It runs, or will. */
  is_open: boolean;
  spent: Spending;
  /** What it may spend so far, which is never taken back while it runs; null: nothing yet. */
  granted: Grant | null;
};

const KINDS = ['cost', 'tokens', 'calls'] as const;

/**
 * What each job may spend: the budget in equal parts, and what a job leaves over when it ends in equal parts to those that still run.
 * All grants of open jobs and all that the others spent are together never more than the budget.
 */
export function grantBudget(budget: Budget, parts: readonly Part[]): (Grant | null)[] {
  const open = parts.filter((part) => part.is_open);
  const limits = KINDS.map((kind) => {
    const limit = budget[kind];
    if (limit === undefined) return open.map(() => null);
    const taken = (part: Part) =>
      part.is_open ? Math.max(part.granted?.[kind] ?? 0, part.spent[kind]) : part.spent[kind];
    const free = Math.max(0, limit - parts.reduce((sum, part) => sum + taken(part), 0));
    return open.map((part, i) => taken(part) + shareOf(free, open.length, i, kind !== 'cost'));
  });
  return parts.map((part) => {
    if (!part.is_open) return null;
    const place = open.indexOf(part);
    const [cost, tokens, calls] = limits.map((values) => values[place]!);
    return { cost: cost ?? null, tokens: tokens ?? null, calls: calls ?? null };
  });
}

/** Of whole numbers the first get one more where it does not come out even. */
function shareOf(free: number, count: number, place: number, isWhole: boolean): number {
  if (!isWhole) return free / count;
  return Math.floor(free / count) + (place < free % count ? 1 : 0);
}
