import type { ExperimentRecord } from '@touchstone/db';
import { METRICS, type MetricName } from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { Services } from '../context.ts';
import { currentJobs } from '../experiments/view.ts';
import { quoteName } from './store.ts';

/** The per-row metrics of an experiment. */
export function rowMetrics(metrics: readonly MetricName[]): MetricName[] {
  return metrics.filter((name) => METRICS[name].per_row);
}

const JOURNAL_COLUMNS =
  "{row_id: 'BIGINT', attempt: 'INTEGER', finished_at: 'DOUBLE', prediction: 'VARCHAR', error: 'STRUCT(code VARCHAR, message VARCHAR)', latency_ms: 'DOUBLE'}";
const ANSWER_COLUMNS = 'row_id, prediction, error_code, error_message, latency_ms';

/** One workflow's rows as SQL relations: what was answered, and how it was scored. */
export type WorkflowSource = {
  id: string;
  name: string;
  model: string;
  /** Columns row_id, prediction, error_code, error_message, latency_ms. */
  answers: string;
  /** Columns row_id and one per metric; null: not scored yet. */
  scores: string | null;
};

/** The fold of a journal (see docs/ARCHITECTURE.md): an answer beats an error, of answers the first counts, of errors the last. */
function foldJournal(files: string[]): string {
  if (files.length === 0) {
    return 'SELECT NULL::BIGINT AS row_id, NULL::VARCHAR AS prediction, NULL::VARCHAR AS error_code, NULL::VARCHAR AS error_message, NULL::DOUBLE AS latency_ms WHERE false';
  }
  return `SELECT row_id, prediction, error.code AS error_code, error.message AS error_message, latency_ms
    FROM read_json([${files.join(', ')}], format = 'newline_delimited', columns = ${JOURNAL_COLUMNS}, maximum_object_size = 67108864)
    QUALIFY row_number() OVER (PARTITION BY row_id ORDER BY prediction IS NULL,
      CASE WHEN prediction IS NULL THEN -attempt ELSE attempt END, CASE WHEN prediction IS NULL THEN -finished_at ELSE finished_at END) = 1`;
}

async function findWorkflowSource(
  { storage, row_store }: Pick<Services, 'storage' | 'row_store'>,
  workflow: ExperimentRecord['workflows'][number],
): Promise<WorkflowSource> {
  const { inference, evaluation } = currentJobs(workflow);
  const scored = evaluation?.result?.kind === 'evaluation' ? evaluation.result : null;
  const rowsFile = inference.result?.rows_file ?? scored?.folded?.rows_file;
  let answers: string;
  if (rowsFile) {
    answers = `SELECT ${ANSWER_COLUMNS} FROM read_parquet(${await row_store.localFile(rowsFile.key, rowsFile.sha256)})`;
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
    scores:
      scored &&
      `SELECT * FROM read_parquet(${await row_store.localFile(scored.rows_file.key, scored.rows_file.sha256)})`,
  };
}

/** Everything a query over an experiment's rows is made of. */
export type RowsSource = {
  workflows: WorkflowSource[];
  /** Relation: row_id, position, input, reference. */
  sample: string;
  metrics: MetricName[];
};

export async function findRowsSource(
  services: Pick<Services, 'storage' | 'row_store'>,
  experiment: ExperimentRecord,
): Promise<RowsSource> {
  const [workflows, sample, data] = await Promise.all([
    Promise.all(experiment.workflows.map((workflow) => findWorkflowSource(services, workflow))),
    services.row_store.localFile(keys.experimentSample(experiment.id), experiment.sample.sha256),
    services.row_store.localFile(keys.datasetData(experiment.dataset_id), experiment.dataset.data_sha256),
  ]);
  const reference =
    experiment.reference_column === null ? 'NULL::VARCHAR' : `d.${quoteName(experiment.reference_column)}`;
  return {
    workflows,
    sample: `SELECT s.row_id, s.file_row_number AS position, d.${quoteName(experiment.input_column)} AS input, ${reference} AS reference
      FROM read_parquet(${sample}, file_row_number = true) s
      JOIN read_parquet(${data}) d USING (row_id)`,
    metrics: rowMetrics(experiment.metrics),
  };
}
