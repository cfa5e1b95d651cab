import { randomUUID } from 'node:crypto';
import {
  type DatasetRecord,
  insertOutboxEvents,
  insertStandaloneJob,
  lockDataset,
  type NewStandaloneJob,
} from '@touchstone/db';
import type { FileRef, Job } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { Ctx } from '../context.ts';
import { getDatasetRecord } from '../datasets/service.ts';
import { checkSample, drawSample } from '../experiments/sample.ts';
import { claimOnce } from '../requests.ts';
import { standaloneEvents } from '../tracking/events.ts';
import { getJob } from './service.ts';

/** What a spec of a job alone begins with. */
export type StandaloneBase = {
  job_id: string;
  experiment_id: null;
  workflow_id: null;
  data: FileRef;
  sample: FileRef;
};

export type StandaloneRequest = {
  procedure: string;
  input: {
    request_id: string;
    name: string;
    rows?: number | undefined;
    seed: number;
    time_limit_s?: number | undefined;
  };
  dataset: DatasetRecord;
  /** Rows in which one of these is blank are left out; null: none is. */
  needs: { input_column: string | null; reference_column: string | null };
  /** What is the kind's own. */
  make: (base: StandaloneBase) => Pick<NewStandaloneJob, 'kind' | 'spec' | 'model' | 'store_to_dataset'>;
};

/** Draws the sample, then makes a job that is in no experiment. */
export async function createStandaloneJob(
  ctx: Ctx,
  { procedure, input, dataset, needs, make }: StandaloneRequest,
): Promise<Job> {
  const id = randomUUID();
  const { name, seed, time_limit_s = null } = input;
  const sample = await drawSample(ctx, keys.jobSample(id), { dataset, ...needs, rows: input.rows ?? null, seed });
  const made = await ctx.db
    .$transaction(async (tx) => {
      const first = await claimOnce(tx, { user_id: ctx.user.id, procedure, input, result_id: id });
      if (first !== null) return first;
      checkSample(sample, needs);
      await lockDataset(tx, dataset.id);
      await getDatasetRecord({ db: tx as Ctx['db'] }, dataset.id);
      const job = make({
        job_id: id,
        experiment_id: null,
        workflow_id: null,
        data: { key: keys.datasetData(dataset.id), sha256: dataset.data_sha256 },
        sample: { key: keys.jobSample(id), sha256: sample.sha256 },
      });
      await insertStandaloneJob(tx, { id, name, dataset_id: dataset.id, sample, time_limit_s, ...job });
      await insertOutboxEvents(tx, id, standaloneEvents({ id, name, seed, sample, ...job }, dataset.name));
      return id;
    })
    .catch(async (error) => {
      await ctx.storage.removePrefix(keys.jobPrefix(id));
      throw error;
    });
  if (made !== id) await ctx.storage.removePrefix(keys.jobPrefix(id));
  return getJob(ctx, made);
}
