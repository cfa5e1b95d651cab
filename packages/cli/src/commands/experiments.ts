import { randomUUID } from 'node:crypto';
import {
  Budget,
  type Experiment,
  ExperimentExportFormat,
  explainError,
  explainUnknown,
  MetricRef,
  ModelSettings,
  RecommendRule,
  RunStatus,
  TaskName,
  taskName,
} from '@touchstone/schemas';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { experimentAddress } from '../connection.ts';
import type { Context } from '../context.ts';
import { resolveDataset } from '../dataset-reference.ts';
import { BadInput } from '../failure.ts';
import { listAll, resolveId, shortId } from '../lists.ts';
import { renderComparison } from '../run/comparison.ts';
import { createProgressView, progressLines } from '../run/progress.ts';
import { isOver } from '../run/result.ts';
import { renderSlices } from '../run/slices.ts';
import { renderVerdict } from '../run/verdict.ts';
import { watch } from '../run/watch.ts';
import { saveStream } from '../save.ts';
import { widthOf, writeJson, writeLine } from '../terminal.ts';
import { formatMetric, formatTime, plural } from '../text/numbers.ts';
import { renderTable } from '../text/table.ts';
import { cutText, oneLine } from '../text/width.ts';
import { parseCount } from './options.ts';

export function addExperimentCommands(program: Command, context: Context): void {
  const experiments = program
    .command('experiments')
    .description('list, show, rename, extend, stop, resume, delete and export experiments');
  experiments
    .command('list')
    .description('the experiments, newest first')
    .option('--search <text>', 'only those with these words in name, description, dataset or models', '')
    .addOption(new Option('--status <state>', 'only those in this state').choices(RunStatus.options))
    .addOption(new Option('--task <task>', 'only those of this task').choices(TaskName.options))
    .option('--dataset <id or name>', 'only those on any version of this dataset')
    .option('--limit <n>', 'at most so many', parseCount, 50)
    .option('--json', 'as JSON')
    .action((options: ListOptions) => listExperiments(context, options));
  experiments
    .command('show')
    .description('an experiment: its settings and how its models compare')
    .argument('<id>')
    .option('--follow', 'show its progress until it is over', false)
    .option('--json', 'as JSON')
    .action((id: string, options: { follow: boolean; json?: true }) => showExperiment(context, id, options));
  experiments
    .command('edit')
    .description('change what an experiment is called; its data, prompt and metrics are frozen')
    .argument('<id>')
    .option('--name <name>')
    .option('--description <text>')
    .option('--budget <limit=number>', 'cost, tokens, calls or confirm_above; may be repeated', addParam, {})
    .option(
      '--recommend <part=value>',
      'a part of the rule of the recommendation, such as max_latency_p95=2000 or local_only=true; may be repeated',
      addRulePart,
      {},
    )
    .action((id: string, change: EditOptions) => editExperiment(context, id, change));
  experiments
    .command('add-model')
    .description('run one more model on the same rows, with the same prompt and metrics')
    .argument('<id>', 'of the experiment')
    .argument('<model>', 'a baseline, or the name that the endpoint knows the model by')
    .option('--base-url <url>', 'of the OpenAI-compatible endpoint, such as http://127.0.0.1:11434/v1')
    .option('--name <name>', 'in tables and charts')
    .option('--secret <name>', 'the stored key for the endpoint')
    .option('--concurrency <n>', 'calls at once; left out: found by trying', parseCount)
    .option('--timeout <seconds>', 'until one call is given up', parseCount)
    .option('--stream', 'ask for answers as a stream: gives the time to the first token')
    .option('--param <name=number>', 'such as temperature=0; may be repeated', addParam, {})
    .option('--follow', 'show its progress until it is over', false)
    .action((id: string, model: string, options: AddModelOptions) => addModel(context, id, model, options));
  experiments
    .command('remove-model')
    .description('remove one model with its answers, scores and jobs; the others are compared without it')
    .argument('<id>', 'of the experiment')
    .argument('<name>', 'of the model, as tables show it')
    .option('--force', 'also while it runs: it is stopped first', false)
    .action((id: string, name: string, { force }: { force: boolean }) => removeModel(context, id, name, force));
  experiments
    .command('add-metrics')
    .description('score the answers of an experiment that is over by more metrics; no model is called')
    .argument('<id>', 'of the experiment')
    .argument('<metric...>', 'such as rouge bleu exact_match')
    .option('--follow', 'show its progress until it is over', false)
    .action((id: string, metrics: string[], { follow }: { follow: boolean }) =>
      addMetrics(context, id, metrics, follow),
    );
  experiments
    .command('confirm')
    .description('say yes to what the rest of an experiment will cost, by its first rows')
    .argument('<id>')
    .action((id: string) => confirmExperiment(context, id));
  experiments
    .command('stop')
    .description('stop what still runs; what is done is kept and scored')
    .argument('<id>')
    .action((id: string) => stopExperiment(context, id));
  experiments
    .command('resume')
    .description('run the rows that have not run')
    .argument('<id>')
    .option('--failed', 'also those that failed', false)
    .action((id: string, { failed }: { failed: boolean }) => resumeExperiment(context, id, failed));
  experiments
    .command('delete')
    .description('delete an experiment with its answers and scores')
    .argument('<id>')
    .option('--force', 'also while it runs: it is stopped first', false)
    .action((id: string, { force }: { force: boolean }) => deleteExperiment(context, id, force));
  experiments
    .command('slices')
    .description('how the models do on parts of the rows')
    .argument('<id>')
    .option('--by <column>', 'a column of the dataset, @input_length or @language', '@input_length')
    .option('--metric <name>', 'left out: the main metric, or the first with a value per row')
    .option('--json', 'as JSON')
    .action((id: string, options: SliceOptions) => showSlices(context, id, options));
  experiments
    .command('export')
    .description('one line per row and model: input, reference, prediction, error, latency, metrics')
    .argument('<id>')
    .addOption(
      new Option('--format <format>', 'csv, jsonl or parquet; comparison: pairs, recommendation and slices, as JSON')
        .choices(ExperimentExportFormat.options)
        .default('csv'),
    )
    .option('--output <file>', 'instead of standard output')
    .action((id: string, options: { format: ExperimentExportFormat; output?: string }) =>
      exportExperiment(context, id, options),
    );
}

type ListOptions = {
  search: string;
  status?: RunStatus;
  task?: TaskName;
  dataset?: string;
  limit: number;
  json?: true;
};

type SliceOptions = { by: string; metric?: string; json?: true };

type EditOptions = {
  name?: string;
  description?: string;
  budget: Record<string, number>;
  recommend: Record<string, unknown>;
};

type AddModelOptions = {
  baseUrl?: string;
  name?: string;
  secret?: string;
  concurrency?: number;
  timeout?: number;
  stream?: true;
  param: Record<string, number>;
  follow: boolean;
};

/** `temperature=0` among those given before. */
function addParam(text: string, before: Record<string, number>): Record<string, number> {
  const [name, value] = text.split('=', 2);
  const number = Number(value);
  if (!name || !value?.trim() || Number.isNaN(number)) {
    throw new InvalidArgumentError('Give a name and a number: temperature=0.');
  }
  return { ...before, [name]: number };
}

/** `max_cost=2` or `local_only=true` among those given before. */
function addRulePart(text: string, before: Record<string, unknown>): Record<string, unknown> {
  const [name, value = ''] = text.split('=', 2);
  if (!name || value === '') throw new InvalidArgumentError('Give a part and its value: max_cost=2.');
  const known: Record<string, unknown> = { true: true, false: false };
  return { ...before, [name]: known[value] ?? (Number.isNaN(Number(value)) ? value : Number(value)) };
}

function resolveExperiment({ connect }: Context, id: string): Promise<string> {
  return resolveId('experiment', id, (page) => connect().client.experiments.list.query(page));
}

async function listExperiments(
  { connect, terminal, style }: Context,
  { search, status, task, dataset, limit, json }: ListOptions,
): Promise<void> {
  const { client } = connect();
  const dataset_id = dataset === undefined ? undefined : await resolveDataset(client, dataset);
  const filter = { search, status, task, dataset_id };
  const experiments = await listAll((page) => client.experiments.list.query({ ...page, ...filter }), limit);
  if (json) return writeJson(terminal.stdout, experiments);
  if (experiments.length === 0 && (search || status || task || dataset)) {
    return writeLine(terminal.stdout, 'No experiment is like this.');
  }
  if (experiments.length === 0) {
    return writeLine(terminal.stdout, 'No experiments yet: `npx touchstone run examples/summarization.yaml` runs one.');
  }
  const columns = [
    { title: 'Id' },
    { title: 'Name' },
    { title: 'State' },
    { title: 'Dataset' },
    { title: 'Models', align: 'right' as const },
    { title: 'Rows', align: 'right' as const },
    { title: 'Best' },
    { title: 'Started' },
  ];
  const rows = experiments.map(({ id, name, status, dataset, workflows, sample, best, created_at }) => [
    shortId(id),
    cutText(oneLine(name), 40),
    status,
    cutText(oneLine(dataset.name), 24),
    String(workflows.length),
    sample.rows.toLocaleString('en'),
    best
      ? `${cutText(oneLine(best.workflow), 24)} (${best.metric.label} ${formatMetric(best.metric, best.value)})`
      : '–',
    formatTime(created_at),
  ]);
  for (const line of renderTable(columns, rows, style)) writeLine(terminal.stdout, line);
}

async function showExperiment(
  context: Context,
  given: string,
  { follow, json }: { follow: boolean; json?: true },
): Promise<void> {
  const { terminal, style } = context;
  const id = await resolveExperiment(context, given);
  const { url, client } = context.connect();
  let experiment = await client.experiments.get.query({ id });
  if (follow && !isOver(experiment.status)) {
    const view = createProgressView(terminal.stderr, terminal.env);
    const { signal } = new AbortController();
    experiment = await watch(experiment, { connect: context.connect, note: view.note, signal }, view);
  }
  if (json) return writeJson(terminal.stdout, experiment);
  const body = isOver(experiment.status)
    ? renderComparison(experiment, widthOf(terminal.stdout), style)
    : progressLines(experiment, style);
  const verdict = isOver(experiment.status)
    ? renderVerdict(await client.comparisons.get.query({ experiment_id: id }), style)
    : [];
  const lines = [style.bold(oneLine(experiment.name)), ...facts(experiment, url), '', ...body];
  if (verdict.length > 0) lines.push('', ...verdict);
  for (const line of lines) writeLine(terminal.stdout, line);
}

function facts(experiment: Experiment, url: string): string[] {
  const { dataset, input_column, reference_column, seed, repeats, task, sample } = experiment;
  return [
    `Id       ${experiment.id}`,
    `State    ${experiment.status}${experiment.stop_requested && !isOver(experiment.status) ? ', stopping' : ''}`,
    `Task     ${typeof task === 'string' ? task : `${taskName(task)}, ${task.translation.source} → ${task.translation.target}`}`,
    `Dataset  ${oneLine(dataset.name)} (${shortId(dataset.id)}), ${input_column}${reference_column === null ? ', no reference' : ` → ${reference_column}`}`,
    `Rows     ${sample.rows.toLocaleString('en')} of ${dataset.row_count.toLocaleString('en')}${repeats > 1 ? `, ${repeats} answers to each` : ''}, seed ${seed}`,
    `Prompt   ${cutText(oneLine(experiment.prompt), 100)}`,
    ...budgetFacts(experiment),
    ...(experiment.system_prompt === null ? [] : [`System   ${cutText(oneLine(experiment.system_prompt), 100)}`]),
    `Started  ${formatTime(experiment.created_at)}${experiment.finished_at ? `, finished ${formatTime(experiment.finished_at)}` : ''}`,
    `Page     ${experimentAddress(url, experiment.id)}`,
    ...(experiment.mlflow_url === null ? [] : [`MLflow   ${new URL(experiment.mlflow_url, url).href}`]),
  ];
}

function budgetFacts({ id, budget, spent, confirmation }: Experiment): string[] {
  if (!budget) return [];
  const limits = [
    budget.cost !== undefined && `$${(spent?.cost ?? 0).toFixed(4)} of $${budget.cost}`,
    budget.tokens !== undefined && `${spent?.tokens ?? 0} of ${budget.tokens} tokens`,
    budget.calls !== undefined && `${spent?.calls ?? 0} of ${budget.calls} calls`,
    budget.confirm_above !== undefined && `asks above $${budget.confirm_above}`,
  ].filter((part) => part !== false);
  const cost = confirmation?.cost === null ? 'an unknown sum' : `about $${confirmation?.cost.toFixed(4)}`;
  return [
    `Budget   ${limits.join(', ')}`,
    ...(confirmation
      ? [`Waits    the whole will cost ${cost}: \`npx touchstone experiments confirm ${shortId(id)}\` goes on`]
      : []),
  ];
}

async function editExperiment(
  context: Context,
  given: string,
  { budget: limits, recommend: parts, ...change }: EditOptions,
): Promise<void> {
  const isRuled = Object.keys(parts).length > 0;
  if (change.name === undefined && change.description === undefined && Object.keys(limits).length === 0 && !isRuled) {
    throw new BadInput('Say what to change: --name, --description, --budget, --recommend.');
  }
  const id = await resolveExperiment(context, given);
  const { client } = context.connect();
  const before = await client.experiments.get.query({ id });
  const parsed = Budget.safeParse({ ...before.budget, ...limits });
  if (!parsed.success) throw new BadInput(explainError(parsed.error));
  const budget = Object.keys(limits).length > 0 ? { budget: parsed.data } : {};
  const rule = RecommendRule.safeParse({ ...before.recommend, ...parts });
  if (!rule.success) throw new BadInput(explainError(rule.error));
  const recommend = isRuled ? { recommend: rule.data } : {};
  const { name } = await client.experiments.update.mutate({ id, ...change, ...budget, ...recommend });
  writeLine(context.terminal.stdout, `"${oneLine(name)}" is changed.`);
}

async function addModel(
  context: Context,
  given: string,
  model: string,
  { baseUrl, param, follow, ...settings }: AddModelOptions,
): Promise<void> {
  const params = Object.keys(param).length > 0 ? { params: param } : {};
  const base_url = baseUrl === undefined ? {} : { base_url: baseUrl };
  const parsed = ModelSettings.safeParse({ model, ...settings, ...params, ...base_url });
  if (!parsed.success) throw new BadInput(explainError(parsed.error));
  const id = await resolveExperiment(context, given);
  const { url, client } = context.connect();
  const { name, sample, workflows } = await client.experiments.add_workflows.mutate({
    request_id: randomUUID(),
    id,
    models: [parsed.data],
  });
  const added = workflows.at(-1)!.name;
  writeLine(
    context.terminal.stdout,
    `"${oneLine(added)}" runs on the ${plural(sample.rows, 'row')} of "${oneLine(name)}": ${experimentAddress(url, id)}`,
  );
  if (follow) await showExperiment(context, id, { follow });
}

async function addMetrics(context: Context, given: string, names: string[], follow: boolean): Promise<void> {
  const metrics = z.array(MetricRef).safeParse(names);
  if (!metrics.success) throw new BadInput(explainError(metrics.error));
  const id = await resolveExperiment(context, given);
  const { url, client } = context.connect();
  const before = await client.experiments.get.query({ id });
  const after = await client.experiments.add_metrics.mutate({ request_id: randomUUID(), id, metrics: metrics.data });
  const added = after.metrics.slice(before.metrics.length);
  writeLine(
    context.terminal.stdout,
    `The answers of "${oneLine(after.name)}" are scored by ${added.map(({ name: metric }) => metric).join(', ')}: ${experimentAddress(url, id)}`,
  );
  if (follow) await showExperiment(context, id, { follow });
}

async function removeModel(context: Context, given: string, name: string, force: boolean): Promise<void> {
  const id = await resolveExperiment(context, given);
  const { client } = context.connect();
  const experiment = await client.experiments.get.query({ id });
  const workflow = experiment.workflows.find((one) => one.name === name);
  if (!workflow) {
    const names = experiment.workflows.map((one) => one.name);
    throw new BadInput(`The experiment has no model of this name. ${explainUnknown(name, names)}`);
  }
  const left = await client.experiments.remove_workflow.mutate({ id, workflow_id: workflow.id, force });
  const compared = isOver(left.status) ? '' : ' The others are compared without it.';
  writeLine(
    context.terminal.stdout,
    `Removed "${oneLine(name)}" from "${oneLine(experiment.name)}" with ${plural(workflow.jobs.length, 'job')}, their files and MLflow runs.${compared}`,
  );
}

async function confirmExperiment(context: Context, given: string): Promise<void> {
  const id = await resolveExperiment(context, given);
  const { name } = await context.connect().client.experiments.confirm.mutate({ id });
  writeLine(context.terminal.stdout, `"${oneLine(name)}" goes on.`);
}

async function stopExperiment(context: Context, given: string): Promise<void> {
  const id = await resolveExperiment(context, given);
  const { name, status } = await context.connect().client.experiments.stop.mutate({ id });
  const text = isOver(status)
    ? `"${oneLine(name)}" is over already: ${status}.`
    : `Stopping "${oneLine(name)}": calls under way end, what is done is scored. \`npx touchstone experiments resume ${shortId(id)}\` goes on with the rest.`;
  writeLine(context.terminal.stdout, text);
}

async function resumeExperiment(context: Context, given: string, failed: boolean): Promise<void> {
  const id = await resolveExperiment(context, given);
  const { url, client } = context.connect();
  const before = await client.experiments.get.query({ id });
  const rows = before.workflows.reduce(
    (sum, workflow) => sum + workflow.rows.not_run + (failed ? workflow.rows.failed : 0),
    0,
  );
  const { name } = await client.experiments.resume.mutate({
    id,
    what: failed ? 'failed' : 'not_run',
    request_id: randomUUID(),
  });
  writeLine(
    context.terminal.stdout,
    `"${oneLine(name)}" goes on with ${plural(rows, 'row')}: ${experimentAddress(url, id)}`,
  );
}

async function deleteExperiment(context: Context, given: string, force: boolean): Promise<void> {
  const id = await resolveExperiment(context, given);
  const { client } = context.connect();
  const { name, workflows } = await client.experiments.get.query({ id });
  await client.experiments.remove.mutate({ id, force });
  const jobs = workflows.reduce((count, workflow) => count + workflow.jobs.length, 0);
  writeLine(
    context.terminal.stdout,
    `Deleted the experiment "${oneLine(name)}" with ${plural(workflows.length, 'model')} and ${plural(jobs, 'job')}, their files and MLflow runs.`,
  );
}

async function showSlices(
  { connect, terminal, style }: Context,
  given: string,
  { by, metric: asked, json }: SliceOptions,
): Promise<void> {
  const { client } = connect();
  const experiment_id = await resolveId('experiment', given, (page) => client.experiments.list.query(page));
  const experiment = await client.experiments.get.query({ id: experiment_id });
  const perRow = experiment.metrics.filter(({ per_row }) => per_row);
  const wanted = asked ?? experiment.primary_metric;
  const metric = perRow.find(({ name }) => name === wanted) ?? (asked === undefined ? perRow[0] : undefined);
  if (!metric) {
    throw new BadInput(
      `Slices need a metric with a value per row. This experiment has ${perRow.map(({ name }) => name).join(', ') || 'none'}.`,
    );
  }
  const slices = await client.comparisons.slices.query({ experiment_id, by, metric: metric.name });
  if (json) return writeJson(terminal.stdout, slices);
  for (const line of renderSlices(slices, experiment, metric, style)) writeLine(terminal.stdout, line);
}

async function exportExperiment(
  context: Context,
  given: string,
  { format, output }: { format: ExperimentExportFormat; output?: string },
): Promise<void> {
  if (format === 'parquet' && output === undefined && context.terminal.stdout.isTTY) {
    throw new BadInput('Parquet is not text: name a file with --output.');
  }
  const id = await resolveExperiment(context, given);
  await saveStream(await context.connect().client.exportExperiment(id, format), output, context.terminal);
}
