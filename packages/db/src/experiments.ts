import {
  type Budget,
  type ComparisonResult,
  type ComparisonSpec,
  type EvaluationResult,
  type InferenceResult,
  type JobKind,
  type MetricAggregates,
  type MetricName,
  type MetricSettings,
  type ModelSettings,
  type RecommendRule,
  type RowCounts,
  RunStatus,
  type Sample,
  type Task,
  type TaskName,
} from '@touchstone/schemas';
import type { Db } from './client.ts';
import { type dataset, type experiment, Prisma, type workflow } from './generated/client.ts';
import type { JobRecord } from './jobs.ts';
import { containsEach, isAfter, type Place } from './paging.ts';

/** A job without what it was told to do: specs are long, and shown only with the job. */
export type WorkflowJobRecord = Omit<JobRecord, 'spec' | 'kind' | 'result'> & {
  kind: 'inference' | 'evaluation';
  result: InferenceResult | EvaluationResult | null;
};
/** A comparison without what it found: that is long, and shown only with the verdict. */
export type ComparisonJobRecord = Omit<JobRecord, 'result' | 'spec'> & { spec: ComparisonSpec };
export type WorkflowRecord = workflow & { model: ModelSettings; jobs: WorkflowJobRecord[] };
export type ExperimentRecord = Omit<experiment, 'search_text'> & {
  task: Task;
  sample: Sample;
  budget: Budget | null;
  recommend: RecommendRule | null;
  metrics: MetricSettings[];
  primary_metric: MetricName;
  dataset: Pick<dataset, 'id' | 'name' | 'version' | 'row_count' | 'data_sha256'>;
  workflows: WorkflowRecord[];
  /** Its current comparison; none, or one. */
  jobs: ComparisonJobRecord[];
};

const whole = {
  dataset: { select: { id: true, name: true, version: true, row_count: true, data_sha256: true } },
  workflows: {
    where: { deleted_at: null },
    orderBy: { position: 'asc' },
    include: {
      jobs: { where: { superseded_at: null }, omit: { spec: true }, orderBy: [{ created_at: 'asc' }, { id: 'asc' }] },
    },
  },
  jobs: {
    where: { kind: 'comparison', superseded_at: null },
    omit: { result: true },
    orderBy: { created_at: 'desc' },
    take: 1,
  },
} as const satisfies Prisma.experimentInclude;

export type NewExperiment = Omit<
  Prisma.experimentUncheckedCreateInput,
  'workflows' | 'jobs' | 'task' | 'sample' | 'metrics'
> & { id: string; task: Task; sample: Sample; metrics: MetricSettings[] };
export type NewWorkflow = { id: string; name: string; position: number; model: ModelSettings };

export async function insertExperiment(db: Db, experiment: NewExperiment): Promise<void> {
  await db.experiment.create({ data: experiment });
}

export async function insertWorkflows(db: Db, experiment_id: string, workflows: NewWorkflow[]): Promise<void> {
  await db.workflow.createMany({ data: workflows.map((workflow) => ({ ...workflow, experiment_id })) });
}

/** With its workflows and their current jobs; also one that is being deleted, where `deleted` says so. */
export async function findExperiment(db: Db, id: string, deleted = false): Promise<ExperimentRecord | null> {
  const row = await db.experiment.findFirst({
    where: { id, ...(!deleted && { deleted_at: null }) },
    omit: { search_text: true },
    include: whole,
  });
  // The Json columns hold what the schemas parsed before it was written.
  return row as unknown as ExperimentRecord | null;
}

export type ExperimentFilter = {
  /** Words, each of which is in the name, the description, or the name of the dataset, a workflow or a model; empty: all. */
  search: string;
  status?: RunStatus | undefined;
  /** Any version of the dataset that this is a version of. */
  dataset_id?: string | undefined;
  task?: TaskName | undefined;
};

/** The ids are looked up first: knowing them, the planner knows how many experiments they have. */
async function matches(db: Db, { search, status, dataset_id, task }: ExperimentFilter): Promise<Prisma.Sql> {
  const versions =
    dataset_id &&
    (await db.$queryRaw<{ id: string }[]>`
      SELECT version.id FROM dataset asked JOIN dataset version USING (root_id) WHERE asked.id = ${dataset_id}::uuid`);
  return Prisma.join(
    [
      Prisma.sql`e.deleted_at IS NULL`,
      ...containsEach(Prisma.sql`e.search_text`, search),
      ...(status ? [Prisma.sql`e.status = ${status}::run_status`] : []),
      ...(task ? [Prisma.sql`task_name(e.task) = ${task}`] : []),
      ...(versions ? [Prisma.sql`e.dataset_id = ANY(${versions.map(({ id }) => id)}::uuid[])`] : []),
    ],
    ' AND ',
  );
}

/** What a list shows of a job: how many rows are done, and the value of the main metric. */
export type ListedJob = {
  kind: JobKind;
  finished_at: string | null;
  progress: { rows: RowCounts } | null;
  result:
    | { kind: 'inference'; outcome: { rows: RowCounts } }
    | { kind: 'evaluation'; folded: { outcome: { rows: RowCounts } } | null; metrics: MetricAggregates }
    | null;
};
export type ListedExperiment = Pick<
  ExperimentRecord,
  'id' | 'name' | 'status' | 'task' | 'primary_metric' | 'sample' | 'repeats' | 'created_at' | 'finished_at'
> & {
  /** The main one. */
  metric: MetricSettings;
  dataset: Pick<dataset, 'id' | 'name' | 'version' | 'row_count'>;
  workflows: {
    id: string;
    name: string;
    position: number;
    status: RunStatus;
    model: Pick<ModelSettings, 'model'>;
    jobs: ListedJob[];
  }[];
};

/** Newest first; `after` is the last row of the page before. */
export async function listExperiments(
  db: Db,
  { after, limit, ...filter }: ExperimentFilter & { after: Place | null; limit: number },
): Promise<ListedExperiment[]> {
  const matching = await matches(db, filter);
  return db.$queryRaw`
    SELECT e.id, e.name, e.status, e.task, e.primary_metric, e.sample, e.repeats, e.created_at, e.finished_at,
      jsonb_path_query_first(e.metrics, '$[*] ? (@.name == $name)', jsonb_build_object('name', e.primary_metric)) AS metric,
      jsonb_build_object('id', d.id, 'name', d.name, 'version', d.version, 'row_count', d.row_count) AS dataset,
      (SELECT COALESCE(jsonb_agg(jsonb_build_object('id', w.id, 'name', w.name, 'position', w.position, 'status', w.status, 'model', jsonb_build_object('model', w.model -> 'model'), 'jobs', (
          SELECT COALESCE(jsonb_agg(${listedJob} ORDER BY j.created_at, j.id), '[]') FROM job j
          WHERE j.workflow_id = w.id AND j.superseded_at IS NULL
        )) ORDER BY w.position), '[]') FROM workflow w WHERE w.experiment_id = e.id AND w.deleted_at IS NULL) AS workflows
    FROM (SELECT * FROM experiment e WHERE ${matching} AND ${isAfter(after)} ORDER BY created_at DESC, id DESC LIMIT ${limit}) e
    JOIN dataset d ON d.id = e.dataset_id
    ORDER BY e.created_at DESC, e.id DESC`;
}

/** A `ListedJob` of job j in experiment e. */
const listedJob = Prisma.sql`jsonb_build_object(
  'kind', j.kind,
  'finished_at', j.finished_at,
  'progress', CASE WHEN j.progress IS NOT NULL THEN jsonb_build_object('rows', j.progress -> 'rows') END,
  'result', CASE
    WHEN j.result IS NULL THEN NULL
    WHEN j.kind = 'inference' THEN
      jsonb_build_object('kind', j.kind, 'outcome', jsonb_build_object('rows', j.result #> '{outcome,rows}'))
    WHEN j.kind = 'evaluation' THEN jsonb_build_object(
      'kind', j.kind,
      'folded', CASE WHEN jsonb_typeof(j.result -> 'folded') = 'object' THEN
        jsonb_build_object('outcome', jsonb_build_object('rows', j.result #> '{folded,outcome,rows}')) END,
      'metrics', jsonb_strip_nulls(jsonb_build_object(e.primary_metric, j.result -> 'metrics' -> e.primary_metric)))
  END)`;

/** How many are in each state; counting ends at `atMost` of one. */
export async function countExperiments(
  db: Db,
  filter: Omit<ExperimentFilter, 'status'>,
  atMost: number,
): Promise<Record<RunStatus, number>> {
  // A query for each state: there are many of one and few of another, and each has its own best way.
  const matching = await matches(db, filter);
  const counts = RunStatus.options.map(
    (status) => Prisma.sql`
      SELECT ${status} AS status, count(*)::int AS count
      FROM (SELECT 1 FROM experiment e WHERE e.status = ${status}::run_status AND ${matching} LIMIT ${atMost}) AS counted`,
  );
  const rows = await db.$queryRaw<{ status: RunStatus; count: number }[]>(Prisma.join(counts, ' UNION ALL '));
  return Object.fromEntries(rows.map(({ status, count }) => [status, count])) as Record<RunStatus, number>;
}

/** Those of these names that an experiment has. */
export async function findNamesInUse(db: Db, names: string[]): Promise<Set<string>> {
  const rows = await db.experiment.findMany({
    where: { name: { in: names }, deleted_at: null },
    select: { name: true },
    distinct: ['name'],
  });
  return new Set(rows.map(({ name }) => name));
}

/** Serialises what changes an experiment as a whole (a person's stop, a job's end) until the transaction ends. */
export async function lockExperiment(db: Db, id: string): Promise<void> {
  await db.$queryRaw`SELECT id FROM experiment WHERE id = ${id}::uuid FOR UPDATE`;
}

export async function setWorkflowStatus(
  db: Db,
  id: string,
  change: { status: RunStatus; reason: string | null; finished_at: Date | null },
): Promise<void> {
  await db.workflow.update({ where: { id }, data: change });
}

/** Its name and its place may be another's from now on. */
export async function markWorkflowDeleted(db: Db, id: string): Promise<void> {
  await db.$executeRaw`
    UPDATE workflow SET deleted_at = now(), name = id::text,
      position = LEAST(0, (SELECT min(w.position) FROM workflow w WHERE w.experiment_id = workflow.experiment_id)) - 1
    WHERE id = ${id}::uuid`;
}

/** Deleted ones, as `findDeletedExperiments` has them; those of a deleted experiment go with it. */
export async function findDeletedWorkflows(
  db: Db,
): Promise<{ id: string; is_last_sweep: boolean; job_ids: string[] }[]> {
  return db.$queryRaw`
    SELECT w.id, w.purged_at IS NOT NULL AS is_last_sweep,
      COALESCE((SELECT array_agg(j.id) FROM job j WHERE j.workflow_id = w.id), '{}') AS job_ids
    FROM workflow w
    WHERE w.deleted_at IS NOT NULL AND (w.purged_at IS NULL OR w.purged_at < now() - interval '5 minutes')
      AND NOT EXISTS (SELECT 1 FROM job j WHERE j.workflow_id = w.id AND j.status IN ('created', 'pending', 'running'))
    LIMIT 20`;
}

export async function markWorkflowPurged(db: Db, id: string): Promise<void> {
  await db.$executeRaw`UPDATE workflow SET purged_at = now() WHERE id = ${id}::uuid`;
}

/** Removes the row itself, and those of its jobs. */
export async function dropPurgedWorkflow(db: Db, id: string): Promise<void> {
  await db.$executeRaw`DELETE FROM workflow WHERE id = ${id}::uuid AND purged_at IS NOT NULL`;
}

export async function setExperimentStatus(
  db: Db,
  id: string,
  change: { status: RunStatus; finished_at: Date | null },
): Promise<void> {
  await db.experiment.update({ where: { id }, data: change });
}

export async function markExperimentStopping(db: Db, id: string): Promise<void> {
  await db.experiment.update({ where: { id }, data: { stop_requested_at: new Date() } });
}

/** Begins another run of an experiment and of these of its workflows; what the runs before took is kept. */
export async function beginRun(db: Db, experiment_id: string, workflow_ids: string[]): Promise<void> {
  const again = Prisma.sql`
    seconds_before = seconds_before + COALESCE(EXTRACT(EPOCH FROM finished_at - run_started_at), 0),
    run_started_at = now(), finished_at = NULL`;
  await db.$executeRaw`UPDATE experiment SET ${again}, stop_requested_at = NULL WHERE id = ${experiment_id}::uuid`;
  await db.$executeRaw`UPDATE workflow SET ${again} WHERE id = ANY(${workflow_ids}::uuid[]) AND finished_at IS NOT NULL`;
}

export async function updateExperiment(
  db: Db,
  id: string,
  change: {
    name?: string | undefined;
    description?: string | undefined;
    budget?: Budget | null | undefined;
    recommend?: RecommendRule | null | undefined;
  },
): Promise<void> {
  const { name, description, budget, recommend } = change;
  await db.experiment.update({
    where: { id },
    data: {
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description }),
      ...(budget !== undefined && { budget: budget ?? Prisma.DbNull }),
      ...(recommend !== undefined && { recommend: recommend ?? Prisma.DbNull }),
    },
  });
}

/** What the newest experiments on any version of a dataset found when their models were compared, newest first. */
export async function findComparisonsOn(db: Db, dataset_id: string, most: number): Promise<ComparisonResult[]> {
  const asked = await db.dataset.findUnique({ where: { id: dataset_id }, select: { root_id: true } });
  if (!asked) return [];
  const found = await db.job.findMany({
    where: {
      kind: 'comparison',
      status: 'succeeded',
      superseded_at: null,
      experiment: { deleted_at: null, dataset: { root_id: asked.root_id } },
    },
    select: { result: true },
    orderBy: { finished_at: 'desc' },
    take: most,
  });
  return found.map(({ result }) => result as unknown as ComparisonResult);
}

/** Comparisons of an experiment that were made, and superseded by what came in since. */
export async function countReplacedComparisons(db: Db, experiment_id: string): Promise<number> {
  return db.job.count({
    where: { experiment_id, kind: 'comparison', status: 'succeeded', superseded_at: { not: null } },
  });
}

/** Somebody said yes to what the rest will cost. */
export async function confirmExperiment(db: Db, id: string): Promise<void> {
  await db.experiment.updateMany({ where: { id, confirmed_at: null }, data: { confirmed_at: new Date() } });
}

/** It has these metrics too. */
export async function addExperimentMetrics(db: Db, id: string, metrics: MetricSettings[]): Promise<void> {
  await db.$executeRaw`UPDATE experiment SET metrics = metrics || ${JSON.stringify(metrics)}::jsonb WHERE id = ${id}::uuid`;
}

export async function setTimeLimit(db: Db, id: string, time_limit_s: number | null): Promise<void> {
  await db.experiment.update({ where: { id }, data: { time_limit_s } });
}

export async function markExperimentDeleted(db: Db, id: string): Promise<void> {
  await db.experiment.update({ where: { id }, data: { deleted_at: new Date() } });
}

/** Deleted experiments whose files are still there, or were removed five minutes ago and are swept a last time. */
export async function findDeletedExperiments(
  db: Db,
): Promise<{ id: string; is_last_sweep: boolean; job_ids: string[] }[]> {
  return db.$queryRaw`
    SELECT e.id, e.purged_at IS NOT NULL AS is_last_sweep,
      COALESCE((SELECT array_agg(j.id) FROM job j WHERE j.experiment_id = e.id), '{}') AS job_ids
    FROM experiment e
    WHERE e.deleted_at IS NOT NULL AND (e.purged_at IS NULL OR e.purged_at < now() - interval '5 minutes')
      AND NOT EXISTS (SELECT 1 FROM job j WHERE j.experiment_id = e.id AND j.status IN ('created', 'pending', 'running'))
    LIMIT 20`;
}

export async function markExperimentPurged(db: Db, id: string): Promise<void> {
  await db.$executeRaw`UPDATE experiment SET purged_at = now() WHERE id = ${id}::uuid`;
}

/** Removes the rows themselves, once nothing is left to be told to MLflow. */
export async function dropPurgedExperiment(db: Db, id: string): Promise<void> {
  await db.$executeRaw`
    DELETE FROM experiment WHERE id = ${id}::uuid AND purged_at IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM tracking_outbox o WHERE o.subject_id = ${id}::uuid AND o.sent_at IS NULL)`;
}
