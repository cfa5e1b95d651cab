import { isDeepStrictEqual } from 'node:util';
import { type Db, findStandaloneNames, lockJob } from '@touchstone/db';
import {
  type ComparisonCreate,
  describeMetric,
  type Job,
  type MetricName,
  type MetricSettings,
  SPEC_VERSION,
} from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { z } from 'zod';
import { comparedMetric } from '../comparisons/settle.ts';
import type { Ctx } from '../context.ts';
import { getDatasetRecord } from '../datasets/service.ts';
import { AppError } from '../errors.ts';
import { findMade } from '../requests.ts';
import { createStandaloneJob } from './create-standalone.ts';
import { getJob, getKnownJobRecord } from './service.ts';

/** Every pair of evaluations that were made alone, of the same rows, on the metrics that they have in common. */
export async function createComparison(ctx: Ctx, input: z.output<typeof ComparisonCreate>): Promise<Job> {
  const request = { procedure: 'jobs.create_comparison', input };
  // An evaluation may be deleted once it has been compared: the same request again has its result all the same.
  const made = await findMade(ctx.db, { user_id: ctx.user.id, ...request });
  if (made !== null) return getJob(ctx, made);
  const evaluations = await Promise.all(input.evaluation_ids.map((id) => findEvaluation(ctx, id)));
  const [first] = evaluations;
  for (const { standalone } of evaluations) {
    if (standalone.dataset_id !== first!.standalone.dataset_id) {
      throw new AppError(
        'INVALID',
        `"${standalone.name}" is of another dataset, or another version of it, than "${first!.standalone.name}": compare evaluations of the same rows.`,
      );
    }
    if (standalone.sample.sha256 !== first!.standalone.sample.sha256) {
      throw new AppError(
        'INVALID',
        `"${standalone.name}" has other rows than "${first!.standalone.name}": evaluate both with the same rows and seed, and where metrics need a reference, the same reference column.`,
      );
    }
  }
  const metrics = first!.spec.metrics.filter((metric) =>
    evaluations.every(({ spec }) => spec.metrics.some((other) => isDeepStrictEqual(other, metric))),
  );
  const primary_metric = choosePrimary(metrics, input.primary_metric);
  return createStandaloneJob(ctx, {
    ...request,
    dataset: await getDatasetRecord(ctx, first!.standalone.dataset_id),
    writeSample: async (key) => {
      await ctx.storage.writeStream(key, await ctx.storage.readStream(keys.jobSample(first!.id)));
      return first!.standalone.sample;
    },
    lock: (tx) => lockEvaluations(tx, input.evaluation_ids),
    make: ({ job_id, experiment_id, sample }) => ({
      kind: 'comparison',
      spec: {
        version: SPEC_VERSION,
        kind: 'comparison',
        job_id,
        experiment_id,
        sample,
        metrics: metrics.map(comparedMetric),
        primary_metric,
        workflows: evaluations.map(({ id, result: { rows_file } }) => ({
          workflow_id: id,
          scores: [{ key: rows_file.key, sha256: rows_file.sha256 }],
          answers: null,
        })),
        groups: null,
        repeats: 1,
      },
    }),
  });
}

/** Evaluations that are compared are not deleted until this transaction ends. @throws AppError INVALID where one was before */
export async function lockEvaluations(tx: Db, ids: readonly string[]): Promise<void> {
  const inOrder = ids.toSorted();
  for (const id of inOrder) await lockJob(tx, id);
  const there = await findStandaloneNames(tx, inOrder);
  if (there.length < ids.length) {
    throw new AppError(
      'INVALID',
      'An evaluation of this comparison was deleted, and with it the scores: compare those that are left.',
    );
  }
}

/** @throws AppError INVALID where it is none that is alone and has scores */
async function findEvaluation(ctx: Ctx, id: string) {
  const { standalone, kind, status, spec, result } = await getKnownJobRecord(ctx, id);
  if (!standalone || kind !== 'evaluation' || spec.kind !== 'evaluation') {
    throw new AppError(
      'INVALID',
      `Job ${id} is no evaluation made without an experiment: only those are compared here.`,
    );
  }
  if (status !== 'succeeded' || result?.kind !== 'evaluation') {
    throw new AppError(
      'INVALID',
      `"${standalone.name}" has not succeeded (${status}): there are no scores to compare.`,
    );
  }
  return { id, standalone, spec, result };
}

/** The one that was named, else the first that has a better and a worse. @throws AppError INVALID */
function choosePrimary(common: MetricSettings[], named: MetricName | undefined): MetricName {
  if (common.length === 0) {
    throw new AppError('INVALID', 'The evaluations have no metric in common: evaluate them again with the same ones.');
  }
  if (named === undefined)
    return (common.find((metric) => describeMetric(metric).direction !== 'none') ?? common[0]!).name;
  const names = common.map(({ name }) => name);
  if (names.includes(named)) return named;
  throw new AppError('INVALID', `Not every evaluation has ${named}; in common they have ${names.join(', ')}.`);
}
