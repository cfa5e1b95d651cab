import type { ExperimentRecord, WorkflowRecord } from '@touchstone/db';
import type { Projection } from '@touchstone/schemas';
import { isHourly, isJudge } from '@touchstone/schemas';
import { answersOf, countRows, currentJobs, findOutcome } from '../experiments/view.ts';
import { RULES_TOKENS, VERDICT_TOKENS } from './estimate.ts';
import { isPaid } from './rules.ts';
import { countTokens, textLength } from './text-length.ts';

type Outcome = { tokens: { prompt: number; completion: number } | null; cost: number | null };

/** What a workflow will have come to when it is done, by what its answers came to so far; null: nothing was answered. */
export function projectWorkflow(
  experiment: Pick<ExperimentRecord, 'repeats' | 'sample'>,
  workflow: Pick<WorkflowRecord, 'model' | 'jobs'>,
): Projection | null {
  const jobs = currentJobs(workflow);
  const outcome = findOutcome<Outcome>(jobs);
  const { answered, failed, total, pending } = countRows(jobs, answersOf(experiment, workflow));
  const done = answered + failed;
  if (done === 0 || !outcome) return null;
  const { cost, tokens } = outcome;
  const rate = jobs.inference.progress?.rows_per_second;
  return {
    cost: cost === null ? null : (cost / done) * total,
    tokens: tokens === null ? null : Math.round(((tokens.prompt + tokens.completion) / done) * total),
    seconds: rate ? pending / rate : null,
  };
}

/**
 * What the whole experiment will have come to. A model that has not begun is taken to use as many tokens for a row as the others do;
 * unknown where the cost of one is. Judges have not begun.
 */
export function projectExperiment(experiment: ExperimentRecord): { cost: number | null } {
  const paid = experiment.workflows.filter(isPaid);
  const known = paid.flatMap((workflow) => {
    const tokens = findOutcome<Outcome>(currentJobs(workflow))?.tokens;
    const rows = countRows(currentJobs(workflow), answersOf(experiment, workflow));
    return tokens ? [{ ...tokens, answers: rows.answered + rows.failed }] : [];
  });
  const answers = known.reduce((sum, one) => sum + one.answers, 0);
  const mean = (kind: 'prompt' | 'completion') => known.reduce((sum, one) => sum + one[kind], 0) / answers;
  let cost = 0;
  for (const workflow of paid) {
    const projected = projectWorkflow(experiment, workflow);
    const { price } = workflow.model;
    if (projected) {
      if (projected.cost === null) return { cost: null };
      cost += projected.cost;
    } else {
      if (!price || isHourly(price) || answers === 0) return { cost: null };
      const each = (mean('prompt') * price.input + mean('completion') * price.output) / 1e6;
      cost += each * answersOf(experiment, workflow);
    }
  }
  for (const { model, instructions } of experiment.metrics.filter(isJudge).filter(isPaid)) {
    const { price } = model;
    if (!price || isHourly(price) || answers === 0) return { cost: null };
    // It reads about what the models read, and their answers.
    const prompt = RULES_TOKENS + countTokens(textLength(instructions)) + mean('prompt') + mean('completion');
    const each = (prompt * price.input + VERDICT_TOKENS * price.output) / 1e6;
    cost += each * experiment.workflows.reduce((sum, workflow) => sum + answersOf(experiment, workflow), 0);
  }
  return { cost };
}
