import type { MetricName, ModelSettings, RunStatus, Sample, Task } from '@touchstone/schemas';
import type { Db } from './client.ts';
import type { dataset, experiment, Prisma, workflow } from './generated/client.ts';
import type { JobRecord } from './jobs.ts';
import { afterPlace, newestFirst, type Place } from './paging.ts';

export type WorkflowRecord = workflow & { model: ModelSettings; jobs: JobRecord[] };
export type ExperimentRecord = experiment & {
  task: Task;
  sample: Sample;
  metrics: MetricName[];
  primary_metric: MetricName;
  dataset: Pick<dataset, 'id' | 'name' | 'version' | 'row_count' | 'data_sha256'>;
  workflows: WorkflowRecord[];
};

const whole = {
  dataset: { select: { id: true, name: true, version: true, row_count: true, data_sha256: true } },
  workflows: {
    orderBy: { position: 'asc' },
    include: { jobs: { where: { superseded_at: null }, orderBy: [{ created_at: 'asc' }, { id: 'asc' }] } },
  },
} as const satisfies Prisma.experimentInclude;

// The Json columns hold what the schemas parsed before it was written.
type Found = Prisma.experimentGetPayload<{ include: typeof whole }>;
const toRecord = (row: Found) => row as unknown as ExperimentRecord;

export type NewExperiment = Omit<
  Prisma.experimentUncheckedCreateInput,
  'workflows' | 'jobs' | 'task' | 'sample' | 'metrics'
> & { id: string; task: Task; sample: Sample; metrics: MetricName[] };
export type NewWorkflow = { id: string; name: string; position: number; model: ModelSettings };

export async function insertExperiment(db: Db, experiment: NewExperiment, workflows: NewWorkflow[]): Promise<void> {
  await db.experiment.create({ data: experiment });
  await db.workflow.createMany({ data: workflows.map((workflow) => ({ ...workflow, experiment_id: experiment.id })) });
}

/** With its workflows and their current jobs; also one that is being deleted, where `deleted` says so. */
export async function findExperiment(db: Db, id: string, deleted = false): Promise<ExperimentRecord | null> {
  const row = await db.experiment.findFirst({ where: { id, ...(!deleted && { deleted_at: null }) }, include: whole });
  return row && toRecord(row);
}

export async function listExperiments(
  db: Db,
  { search, after, limit }: { search: string; after: Place | null; limit: number },
): Promise<ExperimentRecord[]> {
  const rows = await db.experiment.findMany({
    where: {
      deleted_at: null,
      ...(search && { name: { contains: search, mode: 'insensitive' as const } }),
      ...afterPlace(after),
    },
    orderBy: newestFirst,
    take: limit,
    include: whole,
  });
  return rows.map(toRecord);
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

export async function setExperimentStatus(
  db: Db,
  id: string,
  change: { status: RunStatus; finished_at: Date | null },
): Promise<void> {
  await db.experiment.update({ where: { id }, data: change });
}

export async function setExperimentStop(db: Db, id: string, stop_requested_at: Date | null): Promise<void> {
  await db.experiment.update({ where: { id }, data: { stop_requested_at } });
}

export async function markExperimentDeleted(db: Db, id: string): Promise<void> {
  await db.experiment.update({ where: { id }, data: { deleted_at: new Date() } });
}

export async function setExperimentMlflowId(db: Db, id: string, mlflow_id: string): Promise<void> {
  await db.experiment.updateMany({ where: { id }, data: { mlflow_id } });
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
      AND NOT EXISTS (SELECT 1 FROM tracking_outbox o WHERE o.experiment_id = ${id}::uuid AND o.sent_at IS NULL)`;
}
