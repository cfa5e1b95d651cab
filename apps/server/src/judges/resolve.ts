import { isJudge, type MetricSettings, type ModelSettings } from '@touchstone/schemas';
import type { Ctx } from '../context.ts';
import { resolveModels } from '../experiments/resolve.ts';

/** The metrics, with the judges' models as a run needs them. @throws AppError as for a model that answers */
export async function resolveJudges(ctx: Ctx, metrics: readonly MetricSettings[]): Promise<MetricSettings[]> {
  const judges = metrics.filter(isJudge);
  const models = await resolveModels(
    ctx,
    judges.map(({ model }) => model),
  );
  return metrics.map((metric) => (isJudge(metric) ? { ...metric, model: models[judges.indexOf(metric)]! } : metric));
}

/** What calls of judges are made to; each has the judge's name. */
export function judgeModels(metrics: readonly MetricSettings[]): ModelSettings[] {
  return metrics.filter(isJudge).map(({ name, model }) => ({ ...model, name: `Judge ${name}` }));
}
