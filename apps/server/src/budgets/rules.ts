import { type Budget, isBaseline, isHourly, isLocalModel, type ModelSettings } from '@touchstone/schemas';
import { AppError } from '../errors.ts';

/** The rows that show what the whole will come to. */
export const PILOT_ANSWERS = 10;

const NAMES = { cost: 'cost', tokens: 'tokens', calls: 'calls', confirm_above: 'confirm_above' } as const;
type Limit = keyof typeof NAMES;

/** Whether a model can spend anything: a baseline, or a model that runs here and has no price, cannot. */
export function isPaid({ model }: { model: ModelSettings }): boolean {
  return !isBaseline(model.model) && !(isLocalModel(model) && model.price === undefined);
}

/** @throws AppError INVALID where a limit could not be kept, saying for which model and why */
export function checkBudget(budget: Budget | null | undefined, models: readonly ModelSettings[]): void {
  if (!budget) return;
  for (const model of models.filter((one) => isPaid({ model: one }))) {
    const problem = problemOf(budget, model);
    if (problem) throw new AppError('INVALID', `${model.name ?? model.model}: ${problem}`);
  }
}

function problemOf(budget: Budget, model: ModelSettings): string | null {
  const inMoney = (['cost', 'confirm_above'] as const).find((limit) => budget[limit] !== undefined);
  if (inMoney && model.price === undefined) {
    return `budget.${inMoney} is a limit in money, and nobody knows what this model costs: give it a price ({ input, output } per million tokens, or { per_hour }), or limit tokens or calls instead.`;
  }
  const isByToken = model.price !== undefined && !isHourly(model.price);
  const needed = budget.tokens !== undefined ? 'tokens' : budget.cost !== undefined && isByToken ? 'cost' : null;
  const bounded = model.params?.max_tokens ?? model.params?.max_completion_tokens;
  if (needed && !isLocalModel(model) && bounded === undefined && model.protocol !== 'anthropic') {
    return `budget.${needed} is kept by reserving what a call may come to at most, so its answers need an end: set params.max_tokens.`;
  }
  return null;
}

/** @throws AppError CONFLICT where a limit that jobs run under would become smaller */
export function checkRaised(before: Budget | null, after: Budget | null): void {
  for (const limit of ['cost', 'tokens', 'calls'] as const satisfies Limit[]) {
    const now = after?.[limit];
    if (now !== undefined && now < (before?.[limit] ?? Number.POSITIVE_INFINITY)) {
      throw new AppError('CONFLICT', `While the experiment runs, budget.${limit} can only be raised: stop it first.`);
    }
  }
}
