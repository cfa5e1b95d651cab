import {
  type Budget,
  type Grant,
  type JobKind,
  type JobResult,
  type JobSpec,
  type JobStatus,
  judgeOf,
  type ModelSettings,
  type Progress,
  type Sample,
  type Spending,
  type Task,
} from '@touchstone/schemas';
import type { Db } from './client.ts';
import { type job, type job_attempt, Prisma } from './generated/client.ts';
import { afterPlace, containing, newestFirst, type Place } from './paging.ts';
import type { StandaloneRecord } from './standalone-jobs.ts';

export type JobRecord = Omit<job, 'budget' | 'spent'> & {
  spec: JobSpec;
  progress: Progress | null;
  result: JobResult | null;
  budget: Grant | null;
  spent: Spending | null;
};
export type AttemptRecord = job_attempt;

export type NewJob = {
  id: string;
  experiment_id: string | null;
  workflow_id: string | null;
  kind: JobKind;
  spec: JobSpec;
  time_limit_s: number | null;
  /** Of an evaluation by a judge: the metric's name. */
  judge?: string;
};

export async function insertJobs(db: Db, jobs: NewJob[]): Promise<void> {
  await db.job.createMany({ data: jobs.map((job) => ({ ...job, spec: job.spec as object })) });
}

const dataset = { select: { id: true, name: true, version: true } } as const;
const withNames = {
  experiment: { select: { id: true, name: true, sample: true, dataset } },
  workflow: { select: { id: true, name: true, model: true } },
  standalone: { include: { dataset } },
} as const;
type Dataset = { id: string; name: string; version: number };
export type NamedJobRecord = JobRecord & {
  workflow: { id: string; name: string; model: ModelSettings } | null;
} & (
    | { experiment: { id: string; name: string; sample: Sample; dataset: Dataset }; standalone: null }
    | { experiment: null; standalone: StandaloneRecord & { dataset: Dataset } }
  );

const isVisible = {
  OR: [
    { experiment: { deleted_at: null }, OR: [{ workflow_id: null }, { workflow: { deleted_at: null } }] },
    { standalone: { deleted_at: null } },
  ],
} as const satisfies Prisma.jobWhereInput;

/** Without what only the job's own page shows. */
export type ListedJobRecord = Omit<NamedJobRecord, 'spec' | 'result'>;

export async function findJob(db: Db, id: string): Promise<(NamedJobRecord & { attempts: AttemptRecord[] }) | null> {
  const row = await db.job.findFirst({
    where: { id, ...isVisible },
    include: { ...withNames, attempts: { orderBy: { number: 'asc' } } },
  });
  return row as unknown as (NamedJobRecord & { attempts: AttemptRecord[] }) | null;
}

/** What it was told to do. */
export async function findJobSpec(db: Db, id: string): Promise<JobSpec | null> {
  const row = await db.job.findUnique({ where: { id }, select: { spec: true } });
  return row && (row.spec as unknown as JobSpec);
}

const UNDER_WAY = ['created', 'pending', 'running'] as const;

export async function listJobs(
  db: Db,
  filter: {
    experiment_id?: string | undefined;
    in_experiment?: boolean | undefined;
    is_over?: boolean | undefined;
    kind?: JobKind | undefined;
    status?: JobStatus | undefined;
    /** Part of the job's, the workflow's or the experiment's name. */
    search: string;
    after: Place | null;
    limit: number;
  },
): Promise<ListedJobRecord[]> {
  const { experiment_id, in_experiment, is_over, kind, status, search, after, limit } = filter;
  const rows = await db.job.findMany({
    where: {
      ...(experiment_id && { experiment_id }),
      ...(kind && { kind }),
      ...(status && { status }),
      AND: [
        isVisible,
        afterPlace(after),
        search ? await matchesName(db, search) : {},
        in_experiment === undefined ? {} : { experiment_id: in_experiment ? { not: null } : null },
        is_over === undefined ? {} : { status: is_over ? { notIn: [...UNDER_WAY] } : { in: [...UNDER_WAY] } },
      ],
    },
    orderBy: newestFirst,
    take: limit,
    omit: { spec: true, result: true },
    include: withNames,
  });
  return rows as unknown as ListedJobRecord[];
}

/** More of one name than these are met soon enough on the way through the list. */
const MOST_LOOKED_UP = 2000;

/**
 * The name of the job, its workflow or its experiment contains this. Workflows and experiments are looked up first, where an index finds
 * them: few have the name, or a page of jobs is full soon; the planner cannot know which.
 */
async function matchesName(db: Db, search: string): Promise<Prisma.jobWhereInput> {
  const name = { contains: search, mode: 'insensitive' } as const;
  const pattern = containing(search);
  const [workflows, experiments] = await Promise.all([
    db.$queryRaw<{ id: string }[]>`
      SELECT id FROM workflow WHERE lower(name) LIKE lower(${pattern}) LIMIT ${MOST_LOOKED_UP + 1}`,
    db.$queryRaw<{ id: string }[]>`
      SELECT id FROM experiment WHERE lower(name) LIKE lower(${pattern}) LIMIT ${MOST_LOOKED_UP + 1}`,
  ]);
  const idsOf = (found: { id: string }[]) => ({ in: found.map(({ id }) => id) });
  const areFew = workflows.length <= MOST_LOOKED_UP && experiments.length <= MOST_LOOKED_UP;
  return {
    OR: [
      { standalone: { name } },
      ...(areFew
        ? [{ workflow_id: idsOf(workflows) }, { experiment_id: idsOf(experiments) }]
        : [{ workflow: { name } }, { experiment: { name } }]),
    ],
  };
}

/** The newest inferences of this very model in experiments, of those that ended with a result. */
export async function findEarlierInferences(
  db: Db,
  { model, base_url }: Pick<ModelSettings, 'model' | 'base_url'>,
  limit: number,
): Promise<{ task: Task; result: JobResult }[]> {
  return db.$queryRaw<{ task: Task; result: JobResult }[]>`
    SELECT e.task, j.result FROM workflow w JOIN experiment e ON e.id = w.experiment_id JOIN job j ON j.workflow_id = w.id
    WHERE w.model ->> 'model' = ${model} AND (${base_url ?? null}::text IS NULL OR w.model ->> 'base_url' = ${base_url ?? null})
      AND j.kind = 'inference' AND j.status = 'succeeded'
    ORDER BY w.created_at DESC LIMIT ${limit}`;
}

/** Serialises what a person does to a job, and its end, until the transaction ends. */
export async function lockJob(db: Db, id: string): Promise<void> {
  await db.$queryRaw`SELECT id FROM job WHERE id = ${id}::uuid FOR UPDATE`;
}

/** A person wants these jobs to end. The reconciler does it. */
export async function requestStop(
  db: Db,
  where: { job_id: string } | { workflow_id: string } | { experiment_id: string },
): Promise<void> {
  await db.job.updateMany({
    where: {
      ...('job_id' in where ? { id: where.job_id } : where),
      status: { in: [...UNDER_WAY] },
      stop_requested_at: null,
    },
    data: { stop_requested_at: new Date(), due_at: new Date(0) },
  });
}

/**
 * Back to `created`, to run what is left (and, below `retry_failed_before`, what failed). Its time limit counts anew. `spec`: where what it
 * works on has become more.
 */
export async function reopenJob(
  db: Db,
  id: string,
  {
    retry_failed_before,
    time_limit_s,
    spec,
  }: { retry_failed_before: number; time_limit_s: number | null; spec?: JobSpec },
): Promise<void> {
  await db.$executeRaw`
    UPDATE job SET status = 'created', reason = NULL, spec = COALESCE(${spec ? JSON.stringify(spec) : null}::jsonb, spec), retry_failed_before = ${retry_failed_before}, attempts_without_progress = 0,
      stop_requested_at = NULL, stop_reason = NULL, time_limit_s = ${time_limit_s}, active_s = 0,
      accepted_attempt = NULL, result = NULL, budget = NULL, due_at = to_timestamp(0),
      seconds_before = seconds_before + COALESCE(EXTRACT(EPOCH FROM finished_at - started_at), 0), started_at = NULL, finished_at = NULL
    WHERE id = ${id}::uuid`;
}

/** The evaluation by this judge that counts. */
export async function findJudging(
  db: Db,
  workflow_id: string,
  judge: string,
): Promise<Pick<JobRecord, 'id' | 'attempt' | 'retry_failed_before'> | null> {
  return db.job.findFirst({
    where: { workflow_id, judge, superseded_at: null },
    select: { id: true, attempt: true, retry_failed_before: true },
  });
}

/** A job whose result no longer counts. One that still runs is stopped. */
export async function supersedeJob(db: Db, id: string): Promise<void> {
  await db.$executeRaw`
    UPDATE job SET superseded_at = now(), stop_requested_at = COALESCE(stop_requested_at, now()), due_at = now() WHERE id = ${id}::uuid`;
}

/** How many jobs are on Ray, and how many wait for room there. */
export async function countQueue(db: Db): Promise<{ on_ray: number; waiting: number }> {
  const rows = await db.$queryRaw<{ on_ray: number; waiting: number }[]>`
    SELECT count(*) FILTER (WHERE status <> 'created')::int AS on_ray, count(*) FILTER (WHERE status = 'created')::int AS waiting
    FROM job WHERE status IN ('created', 'pending', 'running')`;
  return rows[0]!;
}

export async function countJobs(db: Db): Promise<{ kind: JobKind; status: JobStatus; n: number }[]> {
  return db.$queryRaw`SELECT kind::text, status::text, count(*)::int AS n FROM job GROUP BY kind, status`;
}

/** For how many seconds the job that is most overdue has waited for the reconciler. */
export async function measureJobsLag(db: Db): Promise<number> {
  const rows = await db.$queryRaw<{ lag_s: number }[]>`
    SELECT COALESCE(EXTRACT(EPOCH FROM now() - min(due_at)), 0)::float8 AS lag_s FROM job
    WHERE status IN ('pending', 'running') AND due_at BETWEEN to_timestamp(1) AND now()
      AND (lease_until IS NULL OR lease_until < now())`;
  return rows[0]!.lag_s;
}

/** Versions of what ran the newest job that ended; null: none has. */
export async function findJobVersions(db: Db): Promise<Record<string, string> | null> {
  const rows = await db.$queryRaw<{ versions: Record<string, string> }[]>`
    SELECT result -> 'versions' AS versions FROM job WHERE result IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 1`;
  return rows[0]?.versions ?? null;
}

// What follows is the reconciler's alone.

/** Of jobs that wait for a yes to what the rest will cost: SQL. */
const IS_HELD = Prisma.sql`(jsonb_typeof(progress -> 'hold_after') = 'number'
  AND (progress #>> '{rows,answered}')::int + (progress #>> '{rows,failed}')::int >= (progress ->> 'hold_after')::int)`;

/**
 * Moves jobs that wait into the room there is on Ray, in turn over the experiments, of which a job alone is one for itself; each starts
 * a new attempt. As many as fit there may wait for a yes beside those that work: nobody else waits for a person.
 * @returns their experiments.
 */
export async function admitJobs(db: Db, room: number): Promise<string[]> {
  const rows = await db.$queryRaw<{ experiment_id: string | null }[]>`
    WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(7202612)),
    busy AS (
      SELECT COALESCE(experiment_id, id) AS party, count(*) AS n, count(*) FILTER (WHERE ${IS_HELD}) AS held
      FROM job, locked WHERE status IN ('pending', 'running') GROUP BY party
    ),
    waiting AS (
      SELECT j.id, COALESCE(b.n, 0) + row_number() OVER (PARTITION BY COALESCE(j.experiment_id, j.id) ORDER BY j.kind DESC, j.created_at, j.id) AS turn, j.created_at
      FROM job j LEFT JOIN busy b ON b.party = COALESCE(j.experiment_id, j.id)
      WHERE j.status = 'created' AND j.stop_requested_at IS NULL
    )
    UPDATE job SET status = 'pending', reason = NULL, attempt = attempt + 1, beat = NULL, beat_seen_at = NULL, concurrency = NULL, due_at = now()
    WHERE status = 'created' AND id IN (
      SELECT id FROM waiting ORDER BY turn, created_at, id
      LIMIT GREATEST(0, ${room}::int - (SELECT COALESCE(sum(n) - LEAST(sum(held), ${room}::int), 0) FROM busy)::int)
    ) RETURNING experiment_id`;
  return [...new Set(rows.flatMap((row) => row.experiment_id ?? []))];
}

/** What jobs say that wait until there is room on the disk begins so. */
const WAITS_FOR_DISK = 'Waits for disk space';

/** Lets waiting jobs say that they wait for the disk (`full`: the figures), or no more. @returns the experiments of those that changed. */
export async function setDiskWait(db: Db, full: string | null): Promise<string[]> {
  const reason = full && `${WAITS_FOR_DISK}: ${full}.`;
  const rows = await db.$queryRaw<{ experiment_id: string | null }[]>`
    UPDATE job SET reason = ${reason} WHERE status = 'created' AND stop_requested_at IS NULL
      AND reason IS DISTINCT FROM ${reason} AND (${reason}::text IS NOT NULL OR starts_with(reason, ${WAITS_FOR_DISK}))
    RETURNING experiment_id`;
  return [...new Set(rows.flatMap((row) => row.experiment_id ?? []))];
}

export type ClaimedJob = JobRecord & {
  attempts: AttemptRecord[];
  /** Null: no model is called. */
  model: ModelSettings | null;
  /** Null: it is in none. */
  experiment: { budget: Budget | null; confirmed_at: Date | null } | null;
};

/** Takes a lease on the jobs that are due, so that no other server looks at them meanwhile. `now` is the database's clock. */
export async function claimJobs(db: Db, owner: string, limit: number): Promise<{ jobs: ClaimedJob[]; now: Date }> {
  const rows = await db.$queryRaw<{ id: string; now: Date }[]>`
    UPDATE job SET lease_owner = ${owner}::uuid, lease_until = now() + interval '30 seconds'
    WHERE id IN (
      SELECT id FROM job
      WHERE (status IN ('pending', 'running') OR (status = 'created' AND stop_requested_at IS NOT NULL))
        AND due_at <= now() AND (lease_until IS NULL OR lease_until < now())
      ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ) RETURNING id, now()`;
  if (rows.length === 0) return { jobs: [], now: new Date() };
  const jobs = await db.job.findMany({
    where: { id: { in: rows.map((row) => row.id) } },
    include: {
      attempts: { orderBy: { number: 'asc' } },
      workflow: { select: { model: true } },
      standalone: { select: { model: true } },
      experiment: { select: { budget: true, confirmed_at: true } },
    },
  });
  const claimed = jobs.map(({ workflow, standalone, ...job }) => ({
    ...job,
    model: calledBy(
      job.spec as unknown as JobSpec,
      ((workflow ?? standalone)?.model as unknown as ModelSettings) ?? null,
    ),
  }));
  return { jobs: claimed as unknown as ClaimedJob[], now: rows[0]!.now };
}

/** The model that a job calls: `own` is that of its workflow. */
function calledBy(spec: JobSpec, own: ModelSettings | null): ModelSettings | null {
  if (spec.kind === 'evaluation') return judgeOf(spec)?.model ?? null;
  return spec.kind === 'comparison' ? null : own;
}

export type CallerRecord = {
  id: string;
  model: ModelSettings;
  /** What its control file says, or is about to; null: nothing yet. */
  granted: number | null;
  /** What its driver said last that it keeps to; null: nothing yet. */
  held: number | null;
};

/** The jobs that may call an endpoint now. */
export async function findCallers(db: Db): Promise<CallerRecord[]> {
  return db.$queryRaw<CallerRecord[]>`
    SELECT job.id, COALESCE(CASE WHEN job.judge IS NULL THEN workflow.model ELSE job.spec #> '{metrics,0,model}' END, standalone_job.model) AS model,
      job.concurrency AS granted,
      CASE WHEN job.beat IS NOT NULL THEN (job.progress->>'held_concurrency')::int END AS held
    FROM job LEFT JOIN workflow ON workflow.id = job.workflow_id LEFT JOIN standalone_job ON standalone_job.job_id = job.id
    WHERE job.status IN ('pending', 'running') AND (job.kind IN ('inference', 'annotation') OR job.judge IS NOT NULL)
      AND (job.beat IS NULL OR job.progress->>'stage' NOT IN ('folding', 'done'))`;
}

/** Serialises decisions about who may call how often at once, until the transaction ends. */
export async function lockCallers(db: Db): Promise<void> {
  await db.$queryRaw`SELECT pg_advisory_xact_lock(7202613)::text`;
}

/** Gives the lease back; the job is looked at again after `seconds`, or at once where a person asked for something meanwhile. */
export async function releaseJob(db: Db, id: string, owner: string, seconds: number): Promise<void> {
  await db.$executeRaw`
    UPDATE job SET lease_owner = NULL, lease_until = NULL,
      due_at = CASE WHEN due_at > to_timestamp(1) THEN now() + make_interval(secs => ${seconds}) ELSE now() END
    WHERE id = ${id}::uuid AND lease_owner = ${owner}::uuid`;
}

/** The lease was lost or the attempt is over: whoever holds it now decides. */
export class LeaseLost extends Error {}

/**
 * Writes to a job under the lease and the attempt that the decision was made for.
 * @throws LeaseLost where either has changed.
 */
export async function updateClaimedJob(
  db: Db,
  claim: { id: string; attempt: number; owner: string },
  data: Parameters<Db['job']['updateMany']>[0]['data'],
): Promise<void> {
  const { count } = await db.job.updateMany({
    where: { id: claim.id, attempt: claim.attempt, lease_owner: claim.owner },
    data,
  });
  if (count === 0) throw new LeaseLost(`job ${claim.id}, attempt ${claim.attempt}`);
}

/** Records a beat that was seen to change, by the database's clock. */
export async function recordProgress(
  db: Db,
  claim: { id: string; attempt: number; owner: string },
  progress: Progress,
): Promise<void> {
  const spent = progress.spent && progress.in_flight && addSpending(progress.spent, progress.in_flight);
  const count = await db.$executeRaw`
    UPDATE job SET status = 'running', reason = NULL, started_at = COALESCE(started_at, now()), progress = ${JSON.stringify(progress)}::jsonb,
      spent = COALESCE(${spent && JSON.stringify(spent)}::jsonb, spent),
      beat = ${progress.beat}, beat_seen_at = now()
    WHERE id = ${claim.id}::uuid AND attempt = ${claim.attempt} AND lease_owner = ${claim.owner}::uuid`;
  if (count === 0) throw new LeaseLost(`job ${claim.id}, attempt ${claim.attempt}`);
}

function addSpending(a: Spending, b: Spending): Spending {
  return { cost: a.cost + b.cost, tokens: a.tokens + b.tokens, calls: a.calls + b.calls };
}

/** What it may spend of its experiment's budget from now on. */
export async function setJobBudget(db: Db, id: string, budget: Grant | null): Promise<void> {
  await db.$executeRaw`
    UPDATE job SET budget = ${budget && JSON.stringify(budget)}::jsonb, due_at = LEAST(due_at, now())
    WHERE id = ${id}::uuid AND budget IS DISTINCT FROM ${budget && JSON.stringify(budget)}::jsonb`;
}

export async function beginAttempt(
  db: Db,
  attempt: { job_id: string; number: number; submission_id: string },
): Promise<void> {
  await db.job_attempt.upsert({
    where: { job_id_number: { job_id: attempt.job_id, number: attempt.number } },
    create: attempt,
    update: {},
  });
}

export async function endAttempt(
  db: Db,
  { job_id, number }: { job_id: string; number: number },
  end: { outcome: NonNullable<AttemptRecord['outcome']>; message: string | null; rows_done: number },
): Promise<void> {
  await db.job_attempt.updateMany({
    where: { job_id, number, ended_at: null },
    data: { ...end, ended_at: new Date() },
  });
}

/** Takes back `beginAttempt`: Ray was never asked. */
export async function forgetAttempt(db: Db, { job_id, number }: { job_id: string; number: number }): Promise<void> {
  await db.job_attempt.deleteMany({ where: { job_id, number } });
}
