import type { ExperimentRecord, JobRecord, NamedJobRecord } from '@touchstone/db';
import {
  describeMetric,
  type EvaluationResult,
  type EvaluationSpec,
  type FileRef,
  type Metric,
  type MetricName,
  type MetricSettings,
} from '@touchstone/schemas';
import { keys } from '@touchstone/storage';
import type { Services } from '../context.ts';
import { AppError } from '../errors.ts';
import {
  answersOf,
  countRows,
  currentJobs,
  findAnswers as findAnswerFile,
  findScores,
  repeatsOf,
} from '../experiments/view.ts';
import { isBlank, quoteName } from './store.ts';

type RowServices = Pick<Services, 'storage' | 'row_store'>;

/** The per-row metrics of an experiment. */
export function rowMetrics(metrics: readonly MetricSettings[]): Metric[] {
  return metrics.map(describeMetric).filter(({ per_row }) => per_row);
}

/** What is known of one answer beside its row and repeat, and its type in DuckDB. */
const ANSWER_COLUMNS = {
  prediction: 'VARCHAR',
  error_code: 'VARCHAR',
  error_message: 'VARCHAR',
  reasoning: 'VARCHAR',
  finish_reason: 'VARCHAR',
  truncated: 'BOOLEAN',
  latency_ms: 'DOUBLE',
  first_token_ms: 'DOUBLE',
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
  repeat: 'INTEGER',
  attempt: 'INTEGER',
  finished_at: 'DOUBLE',
  error: 'STRUCT(code VARCHAR, message VARCHAR)',
  ...ownColumns,
})
  .map(([name, type]) => `${name}: '${type}'`)
  .join(', ')}}`;

const NO_ANSWERS = `SELECT NULL::BIGINT AS row_id, NULL::INTEGER AS repeat, ${Object.entries(ANSWER_COLUMNS)
  .map(([name, type]) => `NULL::${type} AS ${name}`)
  .join(', ')} WHERE false`;

/** One workflow's rows as SQL relations: what was answered, and how it was scored. */
export type WorkflowSource = {
  id: string;
  name: string;
  model: string;
  /** Answers to each row. */
  repeats: number;
  /** Columns row_id, repeat and those of ANSWER_COLUMNS. */
  answers: string;
  /** Whether `answers` has a line for every sampled row, in the sample's order: then it has the column `position` too. */
  is_complete: boolean;
  /** Empty: not scored yet. */
  scores: ScoreFile[];
};

/** What one evaluation found: a line for every answer to every sampled row, in the same order as any other of the workflow. */
type ScoreFile = {
  metrics: MetricName[];
  /** Columns row_id, repeat, position, place (of the line in the file), and one per metric. */
  lines: string;
};

/** The answer that stands for the row where there are several. */
export function firstAnswers({ answers, repeats }: Pick<WorkflowSource, 'answers' | 'repeats'>): string {
  return repeats === 1 ? answers : `SELECT * FROM (${answers}) WHERE repeat = 0`;
}

/** What a judge wrote of an answer, beside its score. */
export const VERDICT_PARTS = ['reason', 'error'] as const;
/** No metric's name holds a slash. */
export const verdictKey = (judge: MetricName, part: (typeof VERDICT_PARTS)[number]) => `${judge}/${part}`;

/**
 * A line for every answer to every sampled row: columns row_id, repeat, position and these metrics, and what those of them wrote that are
 * `judges`. Only the files that have one of them are read. Null: none has.
 */
export function joinScores(
  { scores }: WorkflowSource,
  metrics: readonly MetricName[],
  judges: readonly MetricName[] = [],
): string | null {
  const files = scores.filter((file) => file.metrics.some((name) => metrics.includes(name)));
  if (files.length === 0) return null;
  const columns = metrics.flatMap((name) => {
    const file = files.findIndex((one) => one.metrics.includes(name));
    const column = (of: string, as: string, sql: string) =>
      `${file < 0 ? `NULL::${sql}` : `f${file}.${quoteName(of)}`} AS ${quoteName(as)}`;
    const verdict = judges.includes(name) ? VERDICT_PARTS : [];
    return [
      column(name, name, 'DOUBLE'),
      ...verdict.map((part) => column(`${name}_${part}`, verdictKey(name, part), 'VARCHAR')),
    ];
  });
  const joined = files.map(
    ({ lines }, i) => `${i === 0 ? '' : 'JOIN '}(${lines}) f${i}${i === 0 ? '' : ' USING (place)'}`,
  );
  return `SELECT ${['f0.row_id, f0.repeat, f0.position', ...columns].join(', ')} FROM ${joined.join(' ')}`;
}

/** One line for every sampled row: the means of its answers that were scored, which have no verdicts. Null: none was by these metrics. */
export function meanScores(
  workflow: WorkflowSource,
  metrics: readonly MetricName[],
  judges: readonly MetricName[] = [],
): string | null {
  const scores = joinScores(workflow, metrics, judges);
  if (scores === null || workflow.repeats === 1) return scores;
  const means = metrics.map((name) => `avg(${quoteName(name)}) AS ${quoteName(name)}`);
  return `SELECT ${['row_id', 'any_value(position) AS position', ...means].join(', ')} FROM (${scores}) GROUP BY row_id`;
}

/** The fold of a journal (see docs/ARCHITECTURE.md): an answer beats an error, of answers the first counts, of errors the last. */
function foldJournal(files: string[]): string {
  if (files.length === 0) return NO_ANSWERS;
  return `SELECT row_id, coalesce(repeat, 0) AS repeat, error.code AS error_code, error.message AS error_message, ${Object.keys(ownColumns).join(', ')}
    FROM read_json([${files.join(', ')}], format = 'newline_delimited', columns = ${JOURNAL_COLUMNS}, maximum_object_size = 67108864)
    QUALIFY row_number() OVER (PARTITION BY row_id, repeat ORDER BY prediction IS NULL,
      CASE WHEN prediction IS NULL THEN -attempt ELSE attempt END, CASE WHEN prediction IS NULL THEN -finished_at ELSE finished_at END) = 1`;
}

async function parquet({ row_store }: RowServices, { key, sha256 }: FileRef): Promise<string> {
  return `read_parquet(${await row_store.localFile(key, sha256)}, file_row_number = true)`;
}

/** What an inference answered: its rows file, or where there is none its journal. `has_every_row`: none is without a line. */
async function findAnswers(
  services: RowServices,
  {
    inference_id,
    rows_file,
    has_every_row,
  }: { inference_id: string; rows_file: FileRef | null | undefined; has_every_row: boolean },
): Promise<Pick<WorkflowSource, 'answers' | 'is_complete'>> {
  if (rows_file) {
    const columns = `* EXCLUDE (file_row_number)${has_every_row ? ', file_row_number AS position' : ''}`;
    // A file of an earlier version may lack a column, which is then null.
    const answers = withRepeat(
      `${NO_ANSWERS} UNION ALL BY NAME SELECT ${columns} FROM ${await parquet(services, rows_file)}`,
    );
    return { answers, is_complete: has_every_row };
  }
  const segments: { key: string; size: number }[] = [];
  for await (const { key, size } of services.storage.list(keys.jobJournalPrefix(inference_id))) {
    if (size > 0) segments.push({ key, size });
  }
  const files = keys.withoutMerged(segments).map(({ key, size }) => services.row_store.localFile(key, String(size)));
  return { answers: foldJournal(await Promise.all(files)), is_complete: false };
}

/** Before there were repeats, files did not have the column. */
const withRepeat = (relation: string) => `SELECT * REPLACE (coalesce(repeat, 0) AS repeat) FROM (${relation})`;

/** The files that hold the scores of these metrics, each read for those alone that no newer one has. */
function findScoreFiles(
  services: RowServices,
  found: ReadonlyMap<MetricName, Pick<EvaluationResult, 'rows_file'>>,
  metrics: readonly Metric[],
  { sampled, repeats }: { sampled: number; repeats: number },
): Promise<ScoreFile[]> {
  const position = repeats === 1 ? 'file_row_number' : `file_row_number % ${sampled}`;
  return Promise.all(
    [...new Set(found.values())].map(async (result) => ({
      metrics: metrics.map(({ name }) => name).filter((name) => found.get(name) === result),
      lines: withRepeat(`SELECT NULL::INTEGER AS repeat WHERE false UNION ALL BY NAME
        SELECT * EXCLUDE (file_row_number), ${position} AS position, file_row_number AS place FROM ${await parquet(services, result.rows_file)}`),
    })),
  );
}

const inferenceRows = (result: JobRecord['result']) => (result?.kind === 'inference' ? result.rows_file : null);

async function findWorkflowSource(
  services: RowServices,
  experiment: ExperimentRecord,
  workflow: ExperimentRecord['workflows'][number],
): Promise<WorkflowSource> {
  const repeats = repeatsOf(experiment, workflow);
  const asked = answersOf(experiment, workflow);
  const jobs = currentJobs(workflow);
  const { answered, failed } = countRows(jobs, asked);
  return {
    id: workflow.id,
    name: workflow.name,
    model: workflow.model.model,
    repeats,
    ...(await findAnswers(services, {
      inference_id: jobs.inference.id,
      rows_file: findAnswerFile(jobs),
      has_every_row: repeats === 1 && answered + failed === asked,
    })),
    scores: await findScoreFiles(services, findScores<EvaluationResult>(jobs), rowMetrics(experiment.metrics), {
      sampled: experiment.sample.rows,
      repeats,
    }),
  };
}

/** Everything a query over an experiment's rows, or a job's, is made of. */
export type RowsSource = {
  workflows: WorkflowSource[];
  /** Relation: row_id, position. */
  places: string;
  /** Relation: row_id, input, reference, of all rows of the dataset. */
  texts: string;
  /** Relation: row_id, position, input, reference. */
  sample: string;
  /** Those that have a value per row. */
  metrics: Metric[];
};

export async function findRowsSource(services: RowServices, experiment: ExperimentRecord): Promise<RowsSource> {
  const { sample, dataset, workflows } = experiment;
  return {
    workflows: await Promise.all(workflows.map((workflow) => findWorkflowSource(services, experiment, workflow))),
    ...(await findSample(services, {
      ...experiment,
      sample: { key: keys.experimentSample(experiment.id), sha256: sample.sha256 },
      data: { key: keys.datasetData(experiment.dataset_id), sha256: dataset.data_sha256 },
    })),
    metrics: rowMetrics(experiment.metrics),
  };
}

/** Of one job, as its spec says: then the only "workflow" is the job. */
export async function findJobRowsSource(services: RowServices, job: NamedJobRecord): Promise<RowsSource> {
  const { spec, result } = job;
  if (spec.kind === 'comparison') {
    throw new AppError(
      'INVALID',
      'A comparison has no rows of its own: those of what it compares have the answers and scores.',
    );
  }
  // A spec of an earlier version does not say.
  const repeats = spec.repeats ?? 1;
  const sampled = (job.experiment ?? job.standalone).sample.rows;
  const metrics = spec.kind === 'evaluation' ? rowMetrics(spec.metrics) : [];
  const evaluated = result?.kind === 'evaluation' ? result : null;
  const answers =
    spec.kind === 'inference'
      ? await findAnswers(services, { inference_id: job.id, rows_file: inferenceRows(result), has_every_row: false })
      : await findScoredAnswers(services, spec, evaluated);
  return {
    workflows: [
      {
        id: job.id,
        name: job.workflow?.name ?? job.standalone?.name ?? '',
        model: spec.kind === 'inference' ? spec.model.model : '',
        repeats,
        ...answers,
        scores: await findScoreFiles(services, findScores({ evaluations: [{ result: evaluated }] }), metrics, {
          sampled,
          repeats,
        }),
      },
    ],
    ...(await findSample(services, spec)),
    metrics,
  };
}

/** What an evaluation scores: an inference's answers, or a column of the data, in which a blank value is no answer. */
async function findScoredAnswers(
  services: RowServices,
  { inference, prediction_column, data }: EvaluationSpec,
  result: EvaluationResult | null,
): Promise<Pick<WorkflowSource, 'answers' | 'is_complete'>> {
  if (inference) {
    const rows_file = inference.rows ?? result?.folded?.rows_file;
    return findAnswers(services, { inference_id: inference.job_id, rows_file, has_every_row: false });
  }
  const column = quoteName(prediction_column!);
  const answers = withRepeat(`${NO_ANSWERS} UNION ALL BY NAME
    SELECT file_row_number AS row_id, CASE WHEN ${isBlank(column)} THEN NULL ELSE ${column} END AS prediction FROM ${await parquet(services, data)}`);
  return { answers, is_complete: false };
}

type SampleFiles = {
  sample: FileRef;
  data: FileRef;
  input_column: string | null;
  reference_column: string | null;
};

async function findSample(
  services: RowServices,
  { sample, data, input_column, reference_column }: SampleFiles,
): Promise<Pick<RowsSource, 'places' | 'texts' | 'sample'>> {
  const column = (name: string | null) => (name === null ? 'NULL::VARCHAR' : quoteName(name));
  const places = `SELECT row_id, file_row_number AS position FROM ${await parquet(services, sample)}`;
  // In a dataset's file the place of a row is its id, and DuckDB finds places sooner than values.
  const texts = `SELECT file_row_number AS row_id, ${column(input_column)} AS input, ${column(reference_column)} AS reference
    FROM ${await parquet(services, data)}`;
  return {
    places,
    texts,
    sample: `SELECT p.row_id, p.position, t.input, t.reference FROM (${places}) p JOIN (${texts}) t USING (row_id)`,
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
      scores: workflow.scores.map((file) => ({
        ...file,
        lines: only(file.lines, workflow.repeats === 1 ? 'position' : 'row_id'),
      })),
    })),
  };
}
