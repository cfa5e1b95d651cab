import { randomUUID } from 'node:crypto';
import {
  type DatasetRecord,
  type Db,
  insertOutboxEvents,
  insertStandaloneJob,
  lockDataset,
  type NewStandaloneJob,
} from '@touchstone/db';
import type { FileRef, Job, Sample } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { Ctx } from '../context.ts';
import { getDatasetRecord } from '../datasets/service.ts';
import { checkSample, drawSample, type SampleRequest } from '../experiments/sample.ts';
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
    seed?: number | undefined;
    time_limit_s?: number | undefined;
  };
  dataset: DatasetRecord;
  /** Writes the rows to run. */
  writeSample: (key: string) => Promise<Sample>;
  /** Locks what else it rests on, and sees that it is still there. */
  lock?: (tx: Db) => Promise<void>;
  /** What is the kind's own. */
  make: (base: StandaloneBase) => Pick<NewStandaloneJob, 'kind' | 'spec' | 'model' | 'store_to_dataset'>;
};

/** The rows of a dataset that a job alone runs. @throws AppError INVALID where there is none */
export async function drawRows(ctx: Ctx, key: string, request: SampleRequest): Promise<Sample> {
  const sample = await drawSample(ctx, key, request);
  checkSample(sample, request);
  return sample;
}

/** Writes the sample, then makes a job that is in no experiment. */
export async function createStandaloneJob(
  ctx: Ctx,
  { procedure, input, dataset, writeSample, lock, make }: StandaloneRequest,
): Promise<Job> {
  const id = randomUUID();
  const { name, seed, time_limit_s = null } = input;
  const create = async () => {
    const sample = await writeSample(keys.jobSample(id));
    return ctx.db.$transaction(async (tx) => {
      const first = await claimOnce(tx, { user_id: ctx.user.id, procedure, input, result_id: id });
      if (first !== null) return first;
      await lockDataset(tx, dataset.id);
      await getDatasetRecord({ db: tx as Ctx['db'] }, dataset.id);
      await lock?.(tx);
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
    });
  };
  const made = await create().catch(async (error) => {
    await ctx.storage.removePrefix(keys.jobPrefix(id));
    throw error;
  });
  if (made !== id) await ctx.storage.removePrefix(keys.jobPrefix(id));
  return getJob(ctx, made);
}
