import { randomUUID } from 'node:crypto';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Experiment, ExperimentCreate } from '@touchstone/schemas';
import type { Command } from 'commander';
import { experimentAddress } from '../connection.ts';
import type { Context } from '../context.ts';
import { getDatasetByName } from '../dataset-reference.ts';
import { BadInput, Interrupted } from '../failure.ts';
import { renderComparison } from '../run/comparison.ts';
import { type LoadedConfig, loadConfig } from '../run/config.ts';
import { toExperimentCreate } from '../run/create.ts';
import { renderEstimate, summarizeEstimate } from '../run/estimate.ts';
import { healthOf, lookAtHealth } from '../run/health.ts';
import { type Persistence, persist } from '../run/persist.ts';
import { createProgressView } from '../run/progress.ts';
import { exitCodeOfRun, isOver, toRunResult } from '../run/result.ts';
import { checkFile, findUploaded, uploadFile } from '../run/upload.ts';
import { renderVerdict } from '../run/verdict.ts';
import { watch } from '../run/watch.ts';
import { type Output, styleOf, type Terminal, widthOf, writeJson, writeLine } from '../terminal.ts';
import { plural } from '../text/numbers.ts';
import { oneLine } from '../text/width.ts';
import { parseCount, parseRequestId } from './options.ts';

type Options = {
  json?: string;
  allowPartial: boolean;
  requestId?: string;
  detach: boolean;
  dryRun: boolean;
  repeats?: number;
};

export function addRunCommand(program: Command, context: Context): void {
  program
    .command('run')
    .description('run the experiment that a config describes, and compare its models')
    .argument('<config>', 'a YAML file, such as examples/summarization.yaml')
    .option('--json <file>', 'write the result as JSON to a file (-: standard output)')
    .option('--allow-partial', 'exit with 0 also where some rows have no answer', false)
    .option('--request-id <uuid>', 'the same id again does not start a second experiment', parseRequestId)
    .option('--repeats <n>', 'answers of each model to each row, instead of what the config says', parseCount)
    .option('--detach', 'start it and return at once', false)
    .option('--dry-run', 'say what it would use: tokens, money and time; start nothing', false)
    .action((config: string, options: Options) => run(context, config, options));
}

async function run(context: Context, file: string, options: Options): Promise<void> {
  const { json, allowPartial, requestId, detach, dryRun, repeats } = options;
  const { terminal } = context;
  const loaded = loadConfig(file, terminal.cwd);
  if (repeats !== undefined) loaded.config.repeats = repeats;
  if (loaded.dataset_file !== null) checkFile(loaded.dataset_file);
  if (json !== undefined && json !== '-') checkWritable(resolve(terminal.cwd, json));
  const text = json === '-' ? terminal.stderr : terminal.stdout;

  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.once('SIGINT', interrupt);
  const view = createProgressView(terminal.stderr, terminal.env);
  const persistence: Persistence = { connect: context.connect, note: view.note, signal: interruption.signal };
  let experiment: Experiment | null = null;
  try {
    const input = await plan(context, loaded, requestId ?? randomUUID(), persistence, text);
    const { request_id: _, ...planned } = input;
    const estimate = await persist(({ client }) => client.experiments.estimate.mutate(planned), persistence);
    if (dryRun) {
      if (json !== undefined) writeResult(estimate, json, terminal);
      for (const line of renderEstimate(estimate, styleOf(text, terminal.env))) writeLine(text, line);
      const health = await persist(({ client }) => lookAtHealth(client, healthOf(planned)), persistence);
      writeLine(text, `Data: ${health.summary} \`npx touchstone datasets health\` says more.`);
      return;
    }
    const summary = summarizeEstimate(estimate);
    if (summary !== null) writeLine(text, summary);
    experiment = await persist(({ client }) => client.experiments.create.mutate(input), persistence);
    announce(experiment, context.connect().url, text);
    if (!detach) experiment = await watch(experiment, persistence, view);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    throw new Interrupted(explainInterruption(experiment, context));
  } finally {
    process.off('SIGINT', interrupt);
    view.end();
  }

  const { url } = context.connect();
  const { id, status } = experiment;
  const compared = isOver(status)
    ? await persist(({ client }) => client.comparisons.get.query({ experiment_id: id }), persistence)
    : null;
  if (json !== undefined) writeResult(toRunResult(experiment, compared, url), json, terminal);
  if (detach) {
    writeLine(text, `\`npx touchstone experiments show ${experiment.id} --follow\` shows how it goes.`);
    return;
  }
  const style = styleOf(text, terminal.env);
  for (const line of ['', ...renderComparison(experiment, widthOf(text), style), '']) writeLine(text, line);
  if (compared) for (const line of [...renderVerdict(compared, style), '']) writeLine(text, line);
  writeLine(text, `Rows, errors and charts: ${experimentAddress(url, experiment.id)}`);
  context.exitWith(exitCodeOfRun(experiment.status, allowPartial));
}

/** What is to be created; a dataset that is a file is uploaded first. */
async function plan(
  context: Context,
  { config, dataset_file }: LoadedConfig,
  request_id: string,
  persistence: Persistence,
  text: Output,
): Promise<ExperimentCreate> {
  // A server that is not there now is told at once; only one that goes away later is waited for.
  await context.connect().client.session.get.query();
  const dataset = await persist(async ({ client }) => {
    const { id, name } = config.dataset;
    if (id !== undefined) return client.datasets.get.query({ id });
    if (name !== undefined) return getDatasetByName(client, name);
    if (dataset_file === null) throw new BadInput('The config names no dataset.');
    const found = await findUploaded(client, dataset_file);
    if (found) return found;
    const uploaded = await uploadFile(client, dataset_file);
    writeLine(text, `Uploaded ${dataset_file} (${plural(uploaded.row_count, 'row')}).`);
    return uploaded;
  }, persistence);
  return toExperimentCreate(config, dataset, request_id);
}

function announce({ id, name, workflows, sample, repeats }: Experiment, url: string, text: Output): void {
  const times = repeats > 1 ? `, ${repeats} answers to each` : '';
  writeLine(text, `${oneLine(name)}: ${plural(workflows.length, 'model')} on ${plural(sample.rows, 'row')}${times}`);
  writeLine(text, experimentAddress(url, id));
}

function explainInterruption(experiment: Experiment | null, context: Context): string {
  if (!experiment)
    return 'Interrupted before the experiment was seen to start: `npx touchstone experiments list` shows what runs.';
  return [
    `The experiment goes on: ${experimentAddress(context.connect().url, experiment.id)}`,
    `\`npx touchstone experiments show ${experiment.id} --follow\` looks again,`,
    `\`npx touchstone experiments stop ${experiment.id}\` stops it.`,
  ].join('\n');
}

function writeResult(result: unknown, json: string, terminal: Terminal): void {
  if (json === '-') writeJson(terminal.stdout, result);
  else writeFileSync(resolve(terminal.cwd, json), `${JSON.stringify(result, null, 2)}\n`);
}

/** Before the run rather than after it. */
function checkWritable(file: string): void {
  try {
    closeSync(openSync(file, 'a'));
  } catch (error) {
    throw new BadInput(`The result cannot be written: ${(error as Error).message}`);
  }
}
