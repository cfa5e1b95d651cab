import {
  claimJobToStore,
  findDataset,
  finishDataset,
  type JobToStore,
  releaseJob,
  setStoredDataset,
  setStoreProblem,
} from '@touchstone/db';
import type { Services } from '../context.ts';
import { makeDataset } from '../datasets/make.ts';
import { writeQuery } from '../datasets/write-query.ts';
import { AppError } from '../errors.ts';
import { quoteName } from '../rows/store.ts';

/** Seconds until what failed is tried again. */
const TROUBLE_S = 30;

/**
 * Makes datasets of the answers of jobs that have succeeded and were to be stored. Should the server die on the way, the sweep removes
 * what it left, and the dataset is made again.
 */
export async function storeDuePredictions(services: Services, owner: string): Promise<void> {
  for (let job = await claimJobToStore(services.db, owner); job; job = await claimJobToStore(services.db, owner)) {
    const seconds = await storePredictions(services, job).then(
      () => 0,
      (error) => explainTrouble(services, job!, error),
    );
    await releaseJob(services.db, job.id, owner, seconds);
  }
}

/** What cannot be stored at all a person is told; the rest is tried again. @returns after how many seconds. */
async function explainTrouble({ db, log }: Services, job: JobToStore, error: unknown): Promise<number> {
  if (error instanceof AppError && error.code === 'INVALID') {
    await setStoreProblem(db, job.id, error.message);
    return 0;
  }
  log.error({ err: error, job: job.id }, 'answers could not be stored as a dataset yet');
  return TROUBLE_S;
}

/** The columns of the dataset that was run over, in the order of the file, and the answers. */
async function storePredictions(services: Services, job: JobToStore): Promise<void> {
  const { standalone, spec, result } = job;
  const source = await findDataset(services.db, standalone.dataset_id);
  if (!source || !result) return;
  const { name, output_column } = standalone.store_to_dataset;
  const [sample, data, rows] = await Promise.all(
    [spec.sample, spec.data, result.rows_file].map(({ key, sha256 }) => services.row_store.localFile(key, sha256)),
  );
  const columns = source.columns.map((column) => column.name);
  const sql = `SELECT ${columns.map((column) => `d.${quoteName(column)}`).join(', ')}, a.prediction AS ${quoteName(output_column)}
    FROM read_parquet(${sample}) JOIN read_parquet(${data}) d USING (row_id) LEFT JOIN read_parquet(${rows}) a USING (row_id)
    ORDER BY row_id`;
  await makeDataset(services, {
    begin: {
      name,
      filename: `${name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')}.csv`,
      format: null,
      provenance: {
        kind: 'generated',
        dataset_id: source.id,
        experiment_id: null,
        experiment: null,
        workflow_id: null,
        workflow: standalone.name,
        model: standalone.model!.model,
        job_id: job.id,
      },
    },
    write: (id) => writeQuery(services, id, { columns: [...columns, output_column], sql }),
    finish: async (tx, id, facts) => {
      const isWanted = await setStoredDataset(tx, job, id);
      if (!isWanted) throw new AppError('CONFLICT', 'The job was deleted, runs again, or its answers are stored.');
      await finishDataset(tx, id, facts);
      return id;
    },
  });
}
