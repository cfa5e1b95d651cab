import {
  confirmExperiment,
  type Db,
  type ExperimentRecord,
  findExperiment,
  lockExperiment,
  setJobBudget,
  type WorkflowJobRecord,
} from '@touchstone/db';
import { isJudge, type Spending } from '@touchstone/schemas';
import { currentJobs } from '../experiments/view.ts';
import { grantBudget } from './grants.ts';
import { projectExperiment } from './project.ts';
import { isPaid } from './rules.ts';

const NOTHING: Spending = { cost: 0, tokens: 0, calls: 0 };

/** Brings what each job may spend up to the experiment's budget and to what was spent. In the transaction of what changed; may be repeated. */
export async function settleBudget(tx: Db, experimentId: string | null): Promise<void> {
  const experiment = experimentId && (await findExperiment(tx, experimentId, true));
  if (!experiment) return;
  const jobs = findSpenders(experiment);
  const grants = experiment.budget
    ? grantBudget(
        experiment.budget,
        jobs.map((job) => ({
          is_open: job === null || job.finished_at === null,
          spent: job?.spent ?? NOTHING,
          granted: job?.budget ?? null,
        })),
      )
    : jobs.map(() => null);
  for (const [i, job] of jobs.entries()) {
    if (job?.finished_at === null) await setJobBudget(tx, job.id, grants[i] ?? null);
  }
}

/** The jobs that can spend something: of each model, and of each judge on its answers. Null: a judge's that is still to come, whose part is kept. */
export function findSpenders({
  metrics,
  workflows,
}: Pick<ExperimentRecord, 'metrics' | 'workflows'>): (WorkflowJobRecord | null)[] {
  const judges = metrics.filter(isJudge).filter(isPaid);
  return workflows.flatMap((workflow) => {
    const { inference, evaluations } = currentJobs(workflow);
    const judging = judges.flatMap(({ name }) => {
      const job = evaluations.findLast(({ judge }) => judge === name);
      return job ?? (inference.finished_at === null ? null : []);
    });
    return [...(isPaid(workflow) ? [inference] : []), ...judging];
  });
}

/**
 * Says yes by itself where the first rows show that the whole comes to no more than `confirm_above`; where it comes to more, or nobody
 * can tell, a person is waited for.
 */
export async function settleConfirmation(tx: Db, experimentId: string): Promise<void> {
  await lockExperiment(tx, experimentId);
  const experiment = await findExperiment(tx, experimentId);
  const above = experiment?.budget?.confirm_above;
  if (!experiment || above === undefined || experiment.confirmed_at !== null || !isPiloted(experiment)) return;
  const { cost } = projectExperiment(experiment);
  if (cost !== null && cost <= above) await confirmExperiment(tx, experimentId);
}

/** Every model that runs has answered its first rows. */
export function isPiloted(experiment: Pick<ExperimentRecord, 'workflows'>): boolean {
  const running = experiment.workflows
    .filter(isPaid)
    .map((workflow) => currentJobs(workflow).inference)
    .filter(({ status }) => status === 'running' || status === 'pending');
  return (
    running.length > 0 &&
    running.every(({ progress }) => progress !== null && progress.hold_after !== null && isHeld(progress))
  );
}

function isHeld({
  rows,
  hold_after,
}: {
  rows: { answered: number; failed: number; pending: number };
  hold_after: number | null;
}) {
  return rows.pending === 0 || (hold_after !== null && rows.answered + rows.failed >= hold_after);
}
