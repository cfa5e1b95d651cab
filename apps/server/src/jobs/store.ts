import {
  claimJobToStore,
  findDataset,
  finishDataset,
  type JobToStore,
  releaseJob,
  setStoredDataset,
  setStoreProblem,
} from '@touchstone/db';
import type { FileRef } from '@touchstone/schemas';
import type { Services } from '../context.ts';
import { makeDataset } from '../datasets/make.ts';
import { writeQuery } from '../datasets/write-query.ts';
import { AppError } from '../errors.ts';
import { isBlank, quoteName, quoteText } from '../rows/store.ts';

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

/** What becomes of the answers: the new dataset's columns, and the rows as a query. */
type Output = { columns: string[]; sql: string; filled: { column: string; rows: number } | null };

async function storePredictions(services: Services, job: JobToStore): Promise<void> {
  const { standalone } = job;
  const source = await findDataset(services.db, standalone.dataset_id);
  if (!source || !job.result) return;
  const { name, fills_blanks } = standalone.store_to_dataset;
  const names = source.columns.map((column) => column.name);
  const { columns, sql, filled } = await (fills_blanks ? fillBlanks : addAnswers)(services, job, names);
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
        filled,
      },
    },
    write: (id) => writeQuery(services, id, { columns, sql }),
    finish: async (tx, id, facts) => {
      const isWanted = await setStoredDataset(tx, job, id);
      if (!isWanted) throw new AppError('CONFLICT', 'The job was deleted, runs again, or its answers are stored.');
      await finishDataset(tx, id, facts);
      return id;
    },
  });
}

/** The rows that ran: the columns of the dataset that was run over, in the order of the file, and the answers. */
async function addAnswers(services: Services, job: JobToStore, names: string[]): Promise<Output> {
  const { sample, data, answers } = await relationsOf(services, job);
  const { output_column } = job.standalone.store_to_dataset;
  const sql = `SELECT ${names.map((column) => `d.${quoteName(column)}`).join(', ')}, a.prediction AS ${quoteName(output_column)}
    FROM ${sample} JOIN ${data} d USING (row_id) LEFT JOIN ${answers} a USING (row_id) ORDER BY row_id`;
  return { columns: [...names, output_column], sql, filled: null };
}

/**
 * All rows, with the answers in the blank cells of a column and nowhere else, and a column that says which model wrote which: of an
 * earlier annotation it is continued.
 */
async function fillBlanks(services: Services, job: JobToStore, names: string[]): Promise<Output> {
  const { data, answers } = await relationsOf(services, job);
  const { output_column } = job.standalone.store_to_dataset;
  const by = `${output_column}_generated_by`;
  const columns = [...new Set([...names, output_column, by])];
  const own = (column: string) => (names.includes(column) ? `d.${quoteName(column)}` : "''");
  const isFilled = `(${isBlank(own(output_column))} AND NOT ${isBlank('a.prediction')})`;
  const from = `FROM ${data} d LEFT JOIN ${answers} a USING (row_id)`;
  const values = columns.map((column) => {
    const put =
      column === output_column ? 'a.prediction' : column === by ? quoteText(job.standalone.model!.model) : null;
    return `${put === null ? own(column) : `CASE WHEN ${isFilled} THEN ${put} ELSE ${own(column)} END`} AS ${quoteName(column)}`;
  });
  const [count] = await services.row_store.query<{ rows: bigint }>(
    `SELECT count(*) FILTER (${isFilled}) AS rows ${from}`,
  );
  const rows = Number(count!.rows);
  if (rows === 0)
    throw new AppError('INVALID', 'The model wrote nothing into any blank cell, so there is no new dataset.');
  return {
    columns,
    sql: `SELECT ${values.join(', ')} ${from} ORDER BY row_id`,
    filled: { column: output_column, rows },
  };
}

async function relationsOf({ row_store }: Services, { spec, result }: JobToStore) {
  const read = async ({ key, sha256 }: FileRef) => `read_parquet(${await row_store.localFile(key, sha256)})`;
  return { sample: await read(spec.sample), data: await read(spec.data), answers: await read(result!.rows_file) };
}
