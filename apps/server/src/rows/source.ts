import type { ExperimentRecord } from '@touchstone/db';
import { METRICS, type MetricName } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { Services } from '../context.ts';
import { countRows, currentJobs } from '../experiments/view.ts';
import { quoteName } from './store.ts';

/** The per-row metrics of an experiment. */
export function rowMetrics(metrics: readonly MetricName[]): MetricName[] {
  return metrics.filter((name) => METRICS[name].per_row);
}

/** What is known of one answer beside its row_id, and its type in DuckDB. */
const ANSWER_COLUMNS = {
  prediction: 'VARCHAR',
  error_code: 'VARCHAR',
  error_message: 'VARCHAR',
  reasoning: 'VARCHAR',
  finish_reason: 'VARCHAR',
  latency_ms: 'DOUBLE',
  prompt_tokens: 'BIGINT',
  completion_tokens: 'BIGINT',
  reasoning_tokens: 'BIGINT',
  cost: 'DOUBLE',
  calls: 'INTEGER',
} as const;
export const answerColumns = Object.keys(ANSWER_COLUMNS) as (keyof typeof ANSWER_COLUMNS)[];

const { error_code: _code, error_message: _message, ...ownColumns } = ANSWER_COLUMNS;
const JOURNAL_COLUMNS = `{${Object.entries({
  row_id: 'BIGINT',
  attempt: 'INTEGER',
  finished_at: 'DOUBLE',
  error: 'STRUCT(code VARCHAR, message VARCHAR)',
  ...ownColumns,
})
  .map(([name, type]) => `${name}: '${type}'`)
  .join(', ')}}`;

const NO_ANSWERS = `SELECT NULL::BIGINT AS row_id, ${Object.entries(ANSWER_COLUMNS)
  .map(([name, type]) => `NULL::${type} AS ${name}`)
  .join(', ')} WHERE false`;

/** One workflow's rows as SQL relations: what was answered, and how it was scored. */
export type WorkflowSource = {
  id: string;
  name: string;
  model: string;
  /** Columns row_id and those of ANSWER_COLUMNS. */
  answers: string;
  /** Whether `answers` has a line for every sampled row, in the sample's order: then it has the column `position` too. */
  is_complete: boolean;
  /** Columns row_id, position and one per metric, a line for every sampled row; null: not scored yet. */
  scores: string | null;
};

/** The fold of a journal (see docs/ARCHITECTURE.md): an answer beats an error, of answers the first counts, of errors the last. */
function foldJournal(files: string[]): string {
  if (files.length === 0) return NO_ANSWERS;
  return `SELECT row_id, error.code AS error_code, error.message AS error_message, ${Object.keys(ownColumns).join(', ')}
    FROM read_json([${files.join(', ')}], format = 'newline_delimited', columns = ${JOURNAL_COLUMNS}, maximum_object_size = 67108864)
    QUALIFY row_number() OVER (PARTITION BY row_id ORDER BY prediction IS NULL,
      CASE WHEN prediction IS NULL THEN -attempt ELSE attempt END, CASE WHEN prediction IS NULL THEN -finished_at ELSE finished_at END) = 1`;
}

async function findWorkflowSource(
  { storage, row_store }: Pick<Services, 'storage' | 'row_store'>,
  workflow: ExperimentRecord['workflows'][number],
  sampled: number,
): Promise<WorkflowSource> {
  const { inference, evaluation } = currentJobs(workflow);
  const scored = evaluation?.result?.kind === 'evaluation' ? evaluation.result : null;
  const rowsFile = inference.result?.rows_file ?? scored?.folded?.rows_file;
  const { answered, failed } = countRows({ inference, evaluation }, sampled);
  const is_complete = rowsFile !== undefined && answered + failed === sampled;
  let answers: string;
  if (rowsFile) {
    const file = await row_store.localFile(rowsFile.key, rowsFile.sha256);
    const columns = `* EXCLUDE (file_row_number)${is_complete ? ', file_row_number AS position' : ''}`;
    // A file of an earlier version may lack a column, which is then null.
    answers = `${NO_ANSWERS} UNION ALL BY NAME SELECT ${columns} FROM read_parquet(${file}, file_row_number = true)`;
  } else {
    const segments: { key: string; size: number }[] = [];
    for await (const { key, size } of storage.list(keys.jobJournalPrefix(inference.id))) {
      if (size > 0) segments.push({ key, size });
    }
    answers = foldJournal(await Promise.all(segments.map(({ key, size }) => row_store.localFile(key, String(size)))));
  }
  return {
    id: workflow.id,
    name: workflow.name,
    model: workflow.model.model,
    answers,
    is_complete,
    scores:
      scored &&
      `SELECT * EXCLUDE (file_row_number), file_row_number AS position
       FROM read_parquet(${await row_store.localFile(scored.rows_file.key, scored.rows_file.sha256)}, file_row_number = true)`,
  };
}

/** Everything a query over an experiment's rows is made of. */
export type RowsSource = {
  workflows: WorkflowSource[];
  /** Relation: row_id, position. */
  places: string;
  /** Relation: row_id, input, reference, of all rows of the dataset. */
  texts: string;
  /** Relation: row_id, position, input, reference. */
  sample: string;
  metrics: MetricName[];
};

export async function findRowsSource(
  services: Pick<Services, 'storage' | 'row_store'>,
  experiment: ExperimentRecord,
): Promise<RowsSource> {
  const [workflows, sample, data] = await Promise.all([
    Promise.all(experiment.workflows.map((workflow) => findWorkflowSource(services, workflow, experiment.sample.rows))),
    services.row_store.localFile(keys.experimentSample(experiment.id), experiment.sample.sha256),
    services.row_store.localFile(keys.datasetData(experiment.dataset_id), experiment.dataset.data_sha256),
  ]);
  const reference = experiment.reference_column === null ? 'NULL::VARCHAR' : quoteName(experiment.reference_column);
  const places = `SELECT row_id, file_row_number AS position FROM read_parquet(${sample}, file_row_number = true)`;
  // In a dataset's file the place of a row is its id, and DuckDB finds places sooner than values.
  const texts = `SELECT file_row_number AS row_id, ${quoteName(experiment.input_column)} AS input, ${reference} AS reference
    FROM read_parquet(${data}, file_row_number = true)`;
  return {
    workflows,
    places,
    texts,
    sample: `SELECT p.row_id, p.position, t.input, t.reference FROM (${places}) p JOIN (${texts}) t USING (row_id)`,
    metrics: rowMetrics(experiment.metrics),
  };
}

/** A row and its place in the sample. */
export type Place = { row_id: number; position: number };

/** The same with these rows alone, of which the files are read in a few places and not from end to end. */
export function restrictTo(source: RowsSource, places: readonly Place[]): RowsSource {
  const only = (relation: string, column: keyof Place) =>
    `SELECT * FROM (${relation}) WHERE ${column} IN (${places.map((place) => place[column]).join(', ')})`;
  const texts = only(source.texts, 'row_id');
  const values = places.map(({ row_id, position }) => `(${row_id}, ${position})`).join(', ');
  return {
    ...source,
    places: `SELECT * FROM (VALUES ${values}) v(row_id, position)`,
    texts,
    sample: `SELECT p.row_id, p.position, t.input, t.reference FROM (VALUES ${values}) p(row_id, position) JOIN (${texts}) t USING (row_id)`,
    workflows: source.workflows.map((workflow) => ({
      ...workflow,
      answers: only(workflow.answers, workflow.is_complete ? 'position' : 'row_id'),
      scores: workflow.scores && only(workflow.scores, 'position'),
    })),
  };
}
