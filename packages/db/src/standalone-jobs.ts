/** What a job has that is in no experiment. */
import type { InferenceResult, InferenceSpec, ModelSettings, Sample, StoreToDataset } from '@touchstone/schemas';
import type { Db } from './client.ts';
import type { Prisma, standalone_job } from './generated/client.ts';
import { insertJobs, type JobRecord, type NewJob } from './jobs.ts';

export type StandaloneRecord = standalone_job & {
  sample: Sample;
  model: ModelSettings | null;
  store_to_dataset: StoreToDataset | null;
};

export type NewStandaloneJob = Omit<NewJob, 'experiment_id' | 'workflow_id'> & {
  name: string;
  dataset_id: string;
  sample: Sample;
  model?: ModelSettings;
  store_to_dataset?: StoreToDataset | undefined;
};

export async function insertStandaloneJob(db: Db, job: NewStandaloneJob): Promise<void> {
  const { id, kind, spec, time_limit_s, ...standalone } = job;
  await insertJobs(db, [{ id, kind, spec, time_limit_s, experiment_id: null, workflow_id: null }]);
  await db.standalone_job.create({
    data: { job_id: id, ...standalone } as Prisma.standalone_jobUncheckedCreateInput,
  });
}

/** Of jobs that are in no experiment; not of those that are deleted. */
export async function findStandaloneNames(db: Db, ids: string[]): Promise<{ id: string; name: string }[]> {
  const rows = await db.standalone_job.findMany({
    where: { job_id: { in: ids }, deleted_at: null },
    select: { job_id: true, name: true },
  });
  return rows.map(({ job_id, name }) => ({ id: job_id, name }));
}

/** The name of a comparison that is not over and has this evaluation; null: none has. */
export async function findComparisonUnderWay(db: Db, evaluation_id: string): Promise<string | null> {
  const rows = await db.$queryRaw<{ name: string }[]>`
    SELECT s.name FROM job j JOIN standalone_job s ON s.job_id = j.id
    WHERE j.kind = 'comparison' AND j.status IN ('created', 'pending', 'running') AND s.deleted_at IS NULL
      AND j.spec -> 'workflows' @> jsonb_build_array(jsonb_build_object('workflow_id', ${evaluation_id}::text))
    LIMIT 1`;
  return rows[0]?.name ?? null;
}

export async function markStandaloneJobDeleted(db: Db, job_id: string): Promise<void> {
  await db.standalone_job.update({ where: { job_id }, data: { deleted_at: new Date() } });
}

/** Deleted ones that are over, whose files are still there, or were removed five minutes ago and are swept a last time. */
export async function findDeletedStandaloneJobs(db: Db): Promise<{ id: string; is_last_sweep: boolean }[]> {
  return db.$queryRaw`
    SELECT j.id, s.purged_at IS NOT NULL AS is_last_sweep
    FROM standalone_job s JOIN job j ON j.id = s.job_id
    WHERE s.deleted_at IS NOT NULL AND (s.purged_at IS NULL OR s.purged_at < now() - interval '5 minutes')
      AND j.status NOT IN ('created', 'pending', 'running')
    LIMIT 20`;
}

export async function markStandaloneJobPurged(db: Db, job_id: string): Promise<void> {
  await db.$executeRaw`UPDATE standalone_job SET purged_at = now() WHERE job_id = ${job_id}::uuid`;
}

/** Removes the rows themselves, once nothing is left to be told to MLflow. */
export async function dropPurgedStandaloneJob(db: Db, id: string): Promise<void> {
  await db.$executeRaw`
    DELETE FROM job WHERE id = ${id}::uuid AND EXISTS (SELECT 1 FROM standalone_job s WHERE s.job_id = job.id AND s.purged_at IS NOT NULL)
      AND NOT EXISTS (SELECT 1 FROM tracking_outbox o WHERE o.subject_id = ${id}::uuid AND o.sent_at IS NULL)`;
}

export type JobToStore = Omit<JobRecord, 'spec' | 'result'> & {
  spec: InferenceSpec;
  result: InferenceResult | null;
  standalone: StandaloneRecord & { store_to_dataset: StoreToDataset };
};

/** One that has succeeded and whose answers are to become a dataset; the lease keeps other servers from making it too. */
export async function claimJobToStore(db: Db, owner: string): Promise<JobToStore | null> {
  const [row] = await db.$queryRaw<{ id: string }[]>`
    UPDATE job SET lease_owner = ${owner}::uuid, lease_until = now() + interval '2 minutes'
    WHERE id = (
      SELECT j.id FROM standalone_job s JOIN job j ON j.id = s.job_id
      WHERE s.store_to_dataset IS NOT NULL AND s.stored_dataset_id IS NULL AND s.store_problem IS NULL AND s.deleted_at IS NULL
        AND j.status = 'succeeded' AND j.due_at <= now() AND (j.lease_until IS NULL OR j.lease_until < now())
      LIMIT 1 FOR UPDATE OF j SKIP LOCKED
    ) RETURNING id`;
  if (!row) return null;
  const job = await db.job.findUnique({ where: { id: row.id }, include: { standalone: true } });
  return job as unknown as JobToStore | null;
}

/** @returns whether this dataset is the one; not where another was made meanwhile, or the job runs again. */
export async function setStoredDataset(
  db: Db,
  job: { id: string; attempt: number },
  dataset_id: string,
): Promise<boolean> {
  const { count } = await db.standalone_job.updateMany({
    where: {
      job_id: job.id,
      stored_dataset_id: null,
      deleted_at: null,
      job: { attempt: job.attempt, status: 'succeeded' },
    },
    data: { stored_dataset_id: dataset_id },
  });
  return count === 1;
}

export async function setStoreProblem(db: Db, job_id: string, store_problem: string): Promise<void> {
  await db.standalone_job.updateMany({ where: { job_id }, data: { store_problem } });
}

/** Its next answers become a dataset of their own. */
export async function forgetStoredDataset(db: Db, job_id: string): Promise<void> {
  await db.standalone_job.updateMany({ where: { job_id }, data: { stored_dataset_id: null, store_problem: null } });
}

/** Where MLflow has what it is told of an experiment, or of a job that is in none. */
export async function setMlflowId(db: Db, subject_id: string, mlflow_id: string): Promise<void> {
  await db.experiment.updateMany({ where: { id: subject_id }, data: { mlflow_id } });
  await db.standalone_job.updateMany({ where: { job_id: subject_id }, data: { mlflow_id } });
}
