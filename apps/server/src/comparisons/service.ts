import { countReplacedComparisons, type ExperimentRecord, findJob } from '@touchstone/db';
import {
  type Comparison,
  type ComparisonGet,
  type ComparisonResult,
  DEFAULT_RULE,
  type ErrorCounts,
  type ExperimentComparison,
  isBaseline,
  isLocalModel,
  type Recommendation,
  ROW_ERRORS,
  type RowErrorCode,
  type Workflow,
} from '@touchstone/schemas';
import type { z } from 'zod';
import type { Ctx } from '../context.ts';
import { isNearby } from '../endpoints/address.ts';
import { isRunOver } from '../experiments/run-status.ts';
import { getExperimentRecord } from '../experiments/service.ts';
import { toExperiment } from '../experiments/view.ts';
import type { Candidate, Situation } from './decide.ts';
import { recommend } from './recommend.ts';
import { findTradeOff } from './trade-off.ts';

/** What the comparison found, and which model the rule makes of it; neither is there before all models are over. @throws AppError NOT_FOUND */
export async function getComparison(
  ctx: Pick<Ctx, 'db'>,
  { experiment_id, rule: asked }: z.output<typeof ComparisonGet>,
): Promise<ExperimentComparison> {
  const experiment = await getExperimentRecord(ctx, experiment_id);
  const rule = asked ?? experiment.recommend ?? DEFAULT_RULE;
  const [job] = experiment.jobs;
  const found = job?.status === 'succeeded' ? await findJob(ctx.db, job.id) : null;
  const comparison = found?.result?.kind === 'comparison' ? toComparison(found.result) : null;
  const isOver = experiment.workflows.every(({ status }) => isRunOver(status));
  const replaces = await countReplacedComparisons(ctx.db, experiment_id);
  const status = statusOf(job?.status, isOver);
  const situation = status === 'done' ? toSituation(experiment, comparison) : null;
  return {
    experiment_id,
    status,
    reason: job?.reason ?? null,
    job_id: job?.id ?? null,
    replaces,
    workflows: experiment.workflows.map(({ id, name }) => ({ id, name })),
    comparison,
    rule,
    recommendation: situation && withHistory(recommend(situation, rule), comparison ? replaces : 0),
    trade_off: situation ? findTradeOff(situation) : [],
  };
}

/** Looking again after rows or models came is said: the family of tests is another one. */
function withHistory(recommendation: Recommendation, replaces: number): Recommendation {
  if (replaces === 0) return recommendation;
  const sentence = `Models or rows changed since an earlier comparison: all pairs were tested together anew (comparison ${replaces + 1} of this experiment).`;
  return { ...recommendation, evidence: [...recommendation.evidence, sentence] };
}

function statusOf(
  job: ExperimentRecord['jobs'][number]['status'] | undefined,
  isOver: boolean,
): ExperimentComparison['status'] {
  if (!isOver) return 'waiting';
  if (job === undefined || job === 'succeeded') return 'done';
  return job === 'failed' || job === 'stopped' ? job : 'running';
}

/** Without what is the job's own. */
function toComparison({ rows, primary_metric, metrics, workflows, pairs }: ComparisonResult): Comparison {
  return { rows, primary_metric, metrics, workflows, pairs };
}

/** What is known of the models of an experiment that is over. */
export function toSituation(experiment: ExperimentRecord, comparison: Comparison | null): Situation {
  const { workflows, primary_metric, metrics } = toExperiment(experiment);
  const candidates = workflows.map((workflow) =>
    toCandidate(workflow, workflow.metrics[primary_metric]?.value ?? null),
  );
  const metric = metrics.find(({ name }) => name === primary_metric)!;
  return { metric, candidates, comparison };
}

function toCandidate({ id, name, model, rows, errors, latency_ms, cost }: Workflow, value: number | null): Candidate {
  const is_baseline = isBaseline(model.model);
  const ran = rows.answered + rows.failed;
  return {
    id,
    name,
    is_baseline,
    is_local: is_baseline || isLocalModel(model) || (model.base_url !== undefined && isNearby(model.base_url)),
    value,
    failed: ran > 0 ? rows.failed / ran : 0,
    own_failures: { failed: countOwnFailures(errors), ran },
    latency_p95: latency_ms?.p95 ?? null,
    cost: is_baseline ? 0 : cost === null || rows.answered === 0 ? null : (cost / rows.answered) * 1000,
    ended_early: rows.not_run > 0 ? { ran, total: rows.total } : null,
  };
}

function countOwnFailures(errors: ErrorCounts): number {
  const counts = Object.entries(errors) as [RowErrorCode, { count: number }][];
  return counts.reduce((sum, [code, { count }]) => sum + (ROW_ERRORS[code] === 'model' ? count : 0), 0);
}
