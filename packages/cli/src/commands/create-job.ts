import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TouchstoneClient } from '@touchstone/client';
import {
  type Dataset,
  DEFAULT_ANNOTATOR,
  DEFAULT_INPUT_COLUMN,
  DEFAULT_REFERENCE_COLUMN,
  type Job,
  METRICS,
  type MetricRef,
  resolveMetrics,
  type Task,
  TaskName,
  taskPreset,
} from '@touchstone/schemas';
import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { resolveDataset } from '../dataset-reference.ts';
import { BadInput } from '../failure.ts';
import { resolveId } from '../lists.ts';
import { findUploaded, uploadFile } from '../run/upload.ts';
import { writeJson, writeLine } from '../terminal.ts';
import { plural } from '../text/numbers.ts';
import { oneLine } from '../text/width.ts';
import { parseCount, parseRequestId, parseSeed } from './options.ts';
import { followJob, printJob } from './show-job.ts';

type CommonOptions = {
  dataset: string;
  name?: string;
  rows?: number;
  seed: number;
  timeLimit?: number;
  requestId: string;
  follow: boolean;
  json?: true;
};
type InferenceOptions = CommonOptions & {
  input: string;
  task: TaskName;
  source?: string;
  target?: string;
  model: string;
  endpoint?: string;
  baseUrl?: string;
  secret?: string;
  concurrency?: number;
  prompt?: string;
  systemPrompt?: string;
  storeAs?: string;
  outputColumn: string;
};
type AnnotationOptions = Omit<InferenceOptions, 'baseUrl' | 'secret' | 'concurrency' | 'outputColumn'> & {
  reference: string;
};
type EvaluationOptions = CommonOptions & {
  prediction: string;
  input?: string;
  /** False: --no-reference. */
  reference?: string | false;
  metrics?: string;
};

type ComparisonOptions = Pick<CommonOptions, 'timeLimit' | 'requestId' | 'follow' | 'json'> & {
  name: string;
  primaryMetric?: string;
};

export function addCreateJobCommands(jobs: Command, context: Context): void {
  const create = jobs.command('create').description('start a job without an experiment');
  addCommonOptions(create.command('inference').description('run one model over a dataset'))
    .requiredOption('--model <model>', 'a baseline such as baseline/lead-3, or the name its endpoint knows it by')
    .option('--endpoint <name>', 'a registered endpoint that has the model')
    .option('--base-url <url>', "the endpoint's address, such as http://127.0.0.1:11434/v1")
    .option('--secret <name>', 'the stored key that the endpoint asks for')
    .option('--concurrency <n>', 'calls at once; left out: found by trying', parseCount)
    .option('--input <column>', 'column that the model reads', DEFAULT_INPUT_COLUMN)
    .addOption(new Option('--task <task>', 'what is asked').choices(TaskName.options).default('summarization'))
    .option('--source <language>', 'of a translation')
    .option('--target <language>', 'of a translation')
    .option('--prompt <template>', "instead of the task's, such as 'Summarize: {{examples}}'")
    .option('--system-prompt <template>')
    .option('--store-as <name>', 'when it has succeeded, make a dataset of the rows and the answers')
    .option('--output-column <column>', 'where that dataset has the answers', 'prediction')
    .action((options: InferenceOptions) => createInference(context, options));
  addCommonOptions(
    create.command('annotation').description("fill a dataset's blank references with a model's answers: a new dataset"),
  )
    .option('--model <model>', 'what writes them, as of an inference', DEFAULT_ANNOTATOR)
    .option('--endpoint <name>', 'a registered endpoint that has the model')
    .option('--input <column>', 'column that the model reads', DEFAULT_INPUT_COLUMN)
    .option('--reference <column>', 'column whose blank cells are filled', DEFAULT_REFERENCE_COLUMN)
    .addOption(new Option('--task <task>', 'what is asked').choices(TaskName.options).default('summarization'))
    .option('--source <language>', 'of a translation')
    .option('--target <language>', 'of a translation')
    .option('--prompt <template>', "instead of the task's, such as 'Summarize: {{examples}}'")
    .option('--system-prompt <template>')
    .option('--store-as <name>', 'what to call the new dataset')
    .action((options: AnnotationOptions) => createAnnotation(context, options));
  addCommonOptions(create.command('evaluation').description('score answers that a dataset has already'))
    .requiredOption('--prediction <column>', 'column that holds the answers; a blank one counts as not answered')
    .option(
      '--reference <column>',
      `what they are compared with (default: ${DEFAULT_REFERENCE_COLUMN}, where there is one)`,
    )
    .option('--no-reference', 'compare them with nothing')
    .option('--input <column>', 'column to show beside the answers')
    .option('--metrics <names>', 'such as rouge,bleu (default: those that fit any text)')
    .action((options: EvaluationOptions) => createEvaluation(context, options));
  addRunOptions(create.command('comparison').description('compare evaluations of the same rows, pair by pair'))
    .argument('<evaluation-id...>', 'two or more that were made without an experiment and have succeeded')
    .requiredOption('--name <name>', 'what to call the job')
    .option('--primary-metric <metric>', 'the one that decides (default: the first that has a better and a worse)')
    .action((ids: string[], options: ComparisonOptions) => createComparison(context, ids, options));
}

function addCommonOptions(command: Command): Command {
  return addRunOptions(command)
    .requiredOption('--dataset <id, name or file>', 'a dataset, or a file, which is uploaded unless it was before')
    .option('--name <name>', 'what to call the job')
    .option('--rows <n>', 'a random sample of so many rows instead of all', parseCount)
    .option('--seed <n>', 'which sample', parseSeed, 0);
}

function addRunOptions(command: Command): Command {
  return command
    .option('--time-limit <seconds>', 'stop after so much work; what is done is kept', parseCount)
    .addOption(
      new Option('--request-id <uuid>', 'the same id again does not start a second job')
        .argParser(parseRequestId)
        .default(crypto.randomUUID(), 'a new one'),
    )
    .option('--follow', 'wait until it is over', false)
    .option('--json', 'print the job as JSON');
}

async function createComparison(context: Context, given: string[], options: ComparisonOptions): Promise<void> {
  const { client } = context.connect();
  const evaluation_ids: string[] = [];
  for (const id of given) {
    evaluation_ids.push(await resolveId('job', id, (page) => client.jobs.list.query({ ...page, kind: 'evaluation' })));
  }
  const job = await client.jobs.create_comparison.mutate({
    request_id: options.requestId,
    name: options.name,
    evaluation_ids,
    // Whether the name is a metric the server says.
    primary_metric: options.primaryMetric,
    time_limit_s: options.timeLimit,
  });
  await announce(context, job, options);
}

async function createInference(context: Context, options: InferenceOptions): Promise<void> {
  const { client } = context.connect();
  const { model, endpoint, baseUrl, secret, concurrency, input, prompt, systemPrompt, storeAs, outputColumn } = options;
  const task = taskOf(options);
  const dataset = await findDataset(context, client, options.dataset);
  const job = await client.jobs.create_inference.mutate({
    ...commonInput(options, dataset, model),
    input_column: input,
    task,
    model: { model, endpoint, base_url: baseUrl, secret, concurrency },
    prompt,
    system_prompt: systemPrompt,
    store_to_dataset: storeAs === undefined ? undefined : { name: storeAs, output_column: outputColumn },
  });
  await announce(context, job, options);
}

async function createAnnotation(context: Context, options: AnnotationOptions): Promise<void> {
  const { client } = context.connect();
  const { model, endpoint, input, reference, prompt, systemPrompt, storeAs } = options;
  const dataset = await findDataset(context, client, options.dataset);
  const job = await client.jobs.create_annotation.mutate({
    ...commonInput(options, dataset, 'References'),
    input_column: input,
    reference_column: reference,
    task: taskOf(options),
    model: { model, endpoint },
    prompt,
    system_prompt: systemPrompt,
    dataset_name: storeAs,
  });
  await announce(context, job, options);
}

function taskOf({ task, source, target }: Pick<InferenceOptions, 'task' | 'source' | 'target'>): Task {
  if (task !== 'translation') return task;
  if (!source || !target) throw new BadInput('A translation needs --source and --target: --source en --target de.');
  return { translation: { source, target } };
}

async function createEvaluation(context: Context, options: EvaluationOptions): Promise<void> {
  const { client } = context.connect();
  const dataset = await findDataset(context, client, options.dataset);
  const columns = dataset.columns.map(({ name }) => name);
  const usual = columns.includes(DEFAULT_REFERENCE_COLUMN) ? DEFAULT_REFERENCE_COLUMN : null;
  // Commander calls it true where neither --reference nor --no-reference is given.
  const reference_column =
    typeof options.reference === 'string' ? options.reference : options.reference === false ? null : usual;
  const job = await client.jobs.create_evaluation.mutate({
    ...commonInput(options, dataset, options.prediction),
    prediction_column: options.prediction,
    input_column: options.input,
    reference_column,
    metrics: metricsOf(options.metrics, reference_column !== null),
  });
  await announce(context, job, options);
}

/** Whether the names are metrics the server says. */
function metricsOf(names: string | undefined, hasReference: boolean): MetricRef[] {
  if (names !== undefined) return names.split(',').map((name) => name.trim()) as MetricRef[];
  const usual = taskPreset('text-generation', '').metrics;
  return hasReference ? usual : resolveMetrics(usual).filter(({ type }) => !METRICS[type].needs_reference);
}

function commonInput({ name, requestId, rows, seed, timeLimit }: CommonOptions, dataset: Dataset, what: string) {
  return {
    request_id: requestId,
    name: name ?? `${what} on ${dataset.name}`.slice(0, 200),
    dataset_id: dataset.id,
    rows,
    seed,
    time_limit_s: timeLimit,
  };
}

async function findDataset(context: Context, client: TouchstoneClient, given: string): Promise<Dataset> {
  const path = resolve(context.terminal.cwd, given);
  if (!existsSync(path)) return client.datasets.get.query({ id: await resolveDataset(client, given) });
  const found = await findUploaded(client, path);
  if (found) return found;
  const uploaded = await uploadFile(client, path);
  writeLine(context.terminal.stderr, `Uploaded ${path} (${plural(uploaded.row_count, 'row')}).`);
  return uploaded;
}

async function announce(
  context: Context,
  created: Job,
  { follow, json }: Pick<CommonOptions, 'follow' | 'json'>,
): Promise<void> {
  const { terminal } = context;
  if (!json) {
    writeLine(terminal.stdout, `${oneLine(created.name)}: ${created.kind} of ${plural(created.sample.rows, 'row')}`);
    writeLine(terminal.stdout, `${context.connect().url}/jobs/${created.id}`);
  }
  const job = follow ? await followJob(context, created.id) : created;
  if (json) return writeJson(terminal.stdout, job);
  if (follow) printJob(context, job);
  else writeLine(terminal.stdout, `\`npx touchstone jobs show ${job.id} --follow\` shows how it goes.`);
}
