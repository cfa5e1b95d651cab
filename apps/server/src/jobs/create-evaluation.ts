import { describeMetric, type EvaluationCreate, isJudge, type Job } from '@touchstone/schemas';
import type { z } from 'zod';
import type { Ctx } from '../context.ts';
import { getDatasetRecord } from '../datasets/service.ts';
import { AppError } from '../errors.ts';
import { checkColumn, checkMetrics } from '../experiments/rules.ts';
import { createStandaloneJob, drawRows } from './create-standalone.ts';
import { columnEvaluationSpec } from './spec.ts';

/** Scores for answers that are a column of a dataset: no model is called. */
export async function createEvaluation(ctx: Ctx, input: z.output<typeof EvaluationCreate>): Promise<Job> {
  const dataset = await getDatasetRecord(ctx, input.dataset_id);
  const { prediction_column, reference_column, input_column = null } = input;
  const columns = dataset.columns.map((column) => column.name);
  checkColumn(columns, prediction_column, 'Prediction column');
  if (reference_column !== null) checkColumn(columns, reference_column, 'Reference column');
  if (input_column !== null) checkColumn(columns, input_column, 'Input column');
  const metrics = checkMetrics(input.metrics, { reference: reference_column !== null, input: input_column !== null });
  if (metrics.some(isJudge)) {
    throw new AppError(
      'INVALID',
      'A judge works in an experiment, where its calls have a budget: make one, and add the judge to its metrics.',
    );
  }
  const needsReference = metrics.some((metric) => describeMetric(metric).needs_reference);
  return createStandaloneJob(ctx, {
    procedure: 'jobs.create_evaluation',
    input,
    dataset,
    writeSample: (key) =>
      drawRows(ctx, key, {
        dataset,
        input_column: null,
        reference_column: needsReference ? reference_column : null,
        rows: input.rows ?? null,
        seed: input.seed,
      }),
    make: (base) => ({
      kind: 'evaluation',
      spec: columnEvaluationSpec({ ...base, input_column, reference_column }, prediction_column, metrics),
    }),
  });
}
