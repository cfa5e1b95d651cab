import { findEarlierInferences, listEndpoints } from '@touchstone/db';
import {
  describeMetric,
  type ExperimentEstimate,
  type ExperimentPlan,
  isBaseline,
  isJudge,
  isLocalModel,
  type ModelSettings,
  promptColumns,
  providerOf,
} from '@touchstone/schemas';
import type { z } from 'zod';
import { type EarlierRun, estimateJudge, estimateModel, sumEstimates } from '../budgets/estimate.ts';
import { CHARACTERS_PER_TOKEN } from '../budgets/text-length.ts';
import { estimatePower } from '../comparisons/power.ts';
import type { Ctx } from '../context.ts';
import { type Caller, grantFor } from '../endpoints/grants.ts';
import { prepareExperiment } from './create.ts';
import { checkSample, measureSample } from './sample.ts';
import { repeatsOf } from './view.ts';

/** The first rows of the sample, whose texts are measured. */
const MEASURED_ROWS = 200;
/** Of a model, the newest. */
const EARLIER_RUNS = 5;

/** What an experiment would use, before anything of it is made or called. What could not be created is refused in the same words. */
export async function estimateExperiment(
  ctx: Ctx,
  input: z.output<typeof ExperimentPlan>,
): Promise<ExperimentEstimate> {
  const { prompt, system_prompt, models, names, chosen, request } = await prepareExperiment(ctx, input);
  const { task, input_column, reference_column } = input;
  const templates = [prompt, system_prompt, ...models.flatMap((model) => [model.prompt, model.system_prompt])];
  const columns = [
    ...new Set([
      input_column,
      ...(reference_column === null ? [] : [reference_column]),
      ...templates.flatMap((template) => promptColumns(template ?? '')),
    ]),
  ];
  const { sample, measured, lengths } = await measureSample(ctx, request, { columns, most: MEASURED_ROWS });
  checkSample(sample, request);
  const at_once = await callsAtOnce(ctx, models);
  const estimated = await Promise.all(
    models.map(async (model, i) => ({
      model,
      estimate: estimateModel({
        name: names[i]!,
        model,
        task,
        answers: sample.rows * repeatsOf(input, { model }),
        prompt,
        system_prompt,
        input_column,
        reference_column,
        lengths,
        calls_at_once: at_once[i]!,
        is_hosted: model.base_url !== undefined && providerOf(model.base_url) !== null,
        earlier: isBaseline(model.model) ? [] : await findEarlierRuns(ctx, model),
      }),
    })),
  );
  const power = await estimatePower(ctx.db, {
    dataset_id: input.dataset_id,
    metric: describeMetric(chosen.metrics.find(({ name }) => name === chosen.primary_metric)!),
    rows: sample.rows,
    models: models.length,
    delta: input.recommend?.delta,
  });
  const answers = estimated.map(({ model, estimate }) => ({
    count: sample.rows * repeatsOf(input, { model }),
    tokens: isBaseline(model.model) ? null : estimate.tokens.completion,
  }));
  const judges = chosen.metrics.filter(isJudge);
  const judges_at_once = await callsAtOnce(
    ctx,
    judges.map(({ model }) => model),
  );
  const judged = await Promise.all(
    judges.map(async (judge, i) => ({
      model: judge.model,
      estimate: estimateJudge(judge, {
        task,
        input_column,
        reference_column,
        lengths,
        answers,
        calls_at_once: judges_at_once[i]!,
        is_hosted: providerOf(judge.model.base_url!) !== null,
        earlier: await findEarlierRuns(ctx, judge.model),
      }),
    })),
  );
  const { latin, cjk, other } = CHARACTERS_PER_TOKEN;
  return {
    rows: sample.rows,
    models: estimated.map(({ estimate }) => estimate),
    judges: judged.map(({ estimate }) => estimate),
    total: sumEstimates(estimated, judged),
    power,
    assumptions: [
      `Tokens are counted by characters in ${measured.toLocaleString('en')} of the rows: ${latin} a token in Latin script, ${cjk} in Chinese, Japanese and Korean, ${other} in others.`,
      'Each call is answered at the first try. Models run side by side, judges begin when they are done, and the time for metrics that are computed is not counted.',
    ],
  };
}

async function findEarlierRuns({ db }: Pick<Ctx, 'db'>, model: ModelSettings): Promise<EarlierRun[]> {
  const found = await findEarlierInferences(db, model, EARLIER_RUNS);
  return found.flatMap(({ task, result }) => {
    if (result.kind !== 'inference') return [];
    const { rows, latency_ms, tokens } = result.outcome;
    return {
      task,
      answers: rows.answered + rows.failed,
      seconds: result.seconds,
      latency_ms: latency_ms?.p50 ?? null,
      completion_tokens: tokens?.completion ?? null,
    };
  });
}

/** What each of these models may do to begin with, were they alone; null: it calls no endpoint. */
async function callsAtOnce({ db }: Pick<Ctx, 'db'>, models: readonly ModelSettings[]): Promise<(number | null)[]> {
  const endpoints = await listEndpoints(db);
  const callers = models.map((model, i): Caller | null =>
    isBaseline(model.model) || isLocalModel(model)
      ? null
      : {
          id: String(i),
          base_url: model.base_url!,
          secret: model.secret ?? null,
          concurrency: model.concurrency ?? null,
          granted: null,
          held: null,
        },
  );
  const calling = callers.filter((caller) => caller !== null);
  return callers.map((caller) => {
    if (caller === null) return null;
    const { concurrency, first_concurrency } = grantFor(caller.id, calling, endpoints);
    return first_concurrency ?? concurrency;
  });
}
