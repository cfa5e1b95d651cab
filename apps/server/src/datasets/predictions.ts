import { findExperimentOfWorkflow, finishDataset } from '@touchstone/db';
import type { Dataset, DatasetFromWorkflow } from '@touchstone/schemas';
import type { Ctx } from '../context.ts';
import { AppError, notFound } from '../errors.ts';
import { isRunOver } from '../experiments/run-status.ts';
import { getExperimentRecord } from '../experiments/service.ts';
import { currentJobs } from '../experiments/view.ts';
import { claimOnce } from '../requests.ts';
import { findRowsSource, firstAnswers } from '../rows/source.ts';
import { quoteName } from '../rows/store.ts';
import { makeDataset } from './make.ts';
import { writeQuery } from './write-query.ts';

/**
 * The answers of a workflow as a dataset, a row for each sampled row in the order of the file: input, reference where there is one,
 * and `prediction`, blank where there was no answer; where it gave several to a row, the first.
 * @throws AppError CONFLICT while it runs, INVALID where nothing was answered.
 */
export async function createFromWorkflow(ctx: Ctx, input: DatasetFromWorkflow): Promise<Dataset> {
  const experimentId = await findExperimentOfWorkflow(ctx.db, input.workflow_id);
  if (experimentId === null) throw notFound('workflow', input.workflow_id);
  const experiment = await getExperimentRecord(ctx, experimentId);
  const workflow = experiment.workflows.find(({ id }) => id === input.workflow_id)!;
  if (!isRunOver(workflow.status)) {
    throw new AppError('CONFLICT', `"${workflow.name}" has not ended yet: stop it, or wait until it has.`);
  }
  const { input_column, reference_column } = experiment;
  const hasReference = reference_column !== null && reference_column !== input_column;
  const given = [input_column, ...(hasReference ? [reference_column] : [])];

  async function write(id: string) {
    const source = await findRowsSource(ctx, experiment);
    const answers = firstAnswers(source.workflows.find((candidate) => candidate.id === workflow.id)!);
    const columns = [...given, freeName('prediction', given)];
    const values = ['x.input', ...(hasReference ? ['x.reference'] : []), 'a.prediction'];
    const facts = await writeQuery(ctx, id, {
      columns,
      sql: `SELECT ${values.map((value, i) => `${value} AS ${quoteName(columns[i]!)}`).join(', ')}
        FROM (${source.sample}) x LEFT JOIN (${answers}) a USING (row_id) ORDER BY x.row_id`,
    });
    if (facts.columns.at(-1)!.blank === facts.row_count) {
      throw new AppError('INVALID', `"${workflow.name}" has no answers to save.`);
    }
    return facts;
  }

  return makeDataset(ctx, {
    begin: {
      name: input.name,
      filename: `${input.name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')}.csv`,
      format: null,
      provenance: {
        kind: 'generated',
        dataset_id: experiment.dataset.id,
        experiment_id: experiment.id,
        experiment: experiment.name,
        workflow_id: workflow.id,
        workflow: workflow.name,
        model: workflow.model.model,
        job_id: currentJobs(workflow).inference.id,
        filled: null,
      },
    },
    write,
    finish: async (tx, id, facts) => {
      const first = await claimOnce(tx, {
        user_id: ctx.user.id,
        procedure: 'datasets.create_from_workflow',
        input,
        result_id: id,
      });
      if (first !== null) return first;
      await finishDataset(tx, id, facts);
      return id;
    },
  });
}

function freeName(wanted: string, taken: readonly string[]): string {
  const names = taken.map((name) => name.toLowerCase());
  let name = wanted;
  for (let n = 2; names.includes(name); n++) name = `${wanted}_${n}`;
  return name;
}
