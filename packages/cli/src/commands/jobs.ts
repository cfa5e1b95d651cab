import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExportFormat, JobKind, JobStatus } from '@touchstone/schemas';
import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { listAll, resolveId, shortId } from '../lists.ts';
import { saveStream } from '../save.ts';
import { writeJson, writeLine } from '../terminal.ts';
import { formatSeconds, formatTime } from '../text/numbers.ts';
import { renderTable } from '../text/table.ts';
import { cutText, oneLine } from '../text/width.ts';
import { addCreateJobCommands } from './create-job.ts';
import { parseCount } from './options.ts';
import { FOLLOW_MS, followJob, printJob, titleOf } from './show-job.ts';

type ListOptions = {
  experiment?: string;
  kind?: JobKind;
  status?: JobStatus;
  search: string;
  limit: number;
  json?: true;
};

export function addJobCommands(program: Command, context: Context): void {
  const jobs = program
    .command('jobs')
    .description('create, list, show, follow, stop, resume and delete jobs; read results, rows and logs');
  addCreateJobCommands(jobs, context);
  jobs
    .command('list')
    .description('the jobs, newest first')
    .option('--experiment <id>', 'only those of an experiment')
    .addOption(new Option('--kind <kind>', 'only those of a kind').choices(JobKind.options))
    .addOption(new Option('--status <status>', 'only those in a state').choices(JobStatus.options))
    .option('--search <text>', "only those whose name, or whose experiment's, contains it", '')
    .option('--limit <n>', 'at most so many', parseCount, 50)
    .option('--json', 'as JSON')
    .action((options: ListOptions) => listJobs(context, options));
  jobs
    .command('show')
    .description('a job, its progress, its attempts and its scores')
    .argument('<id>')
    .option('--follow', 'wait until it is over', false)
    .option('--json', 'as JSON')
    .action((id: string, options: { follow: boolean; json?: true }) => showJob(context, id, options));
  jobs
    .command('result')
    .description('what a job found, as it wrote it: JSON with aggregates, versions and signatures')
    .argument('<id>')
    .option('--output <file>', 'instead of standard output')
    .action((id: string, options: { output?: string }) => saveResult(context, id, options.output));
  jobs
    .command('rows')
    .description('one line per row: input, reference, prediction, error, what it took, scores')
    .argument('<id>')
    .addOption(new Option('--format <format>', 'csv, jsonl or parquet').choices(ExportFormat.options).default('csv'))
    .option('--output <file>', 'instead of standard output')
    .action((id: string, options: { format: ExportFormat; output?: string }) => saveRows(context, id, options));
  jobs
    .command('log')
    .description('what a job printed, over all its attempts')
    .argument('<id>')
    .option('--follow', 'go on until the job is over', false)
    .action((id: string, { follow }: { follow: boolean }) => printLog(context, id, follow));
  jobs
    .command('stop')
    .description('stop a job; what is done is kept')
    .argument('<id>')
    .action((id: string) => stopJob(context, id));
  jobs
    .command('resume')
    .description('run the rows that have not run, of a job that is in no experiment')
    .argument('<id>')
    .option('--failed', 'also those that failed', false)
    .option('--time-limit <seconds>', 'stop after so much more work', parseCount)
    .option('--no-time-limit', 'from now on as long as it takes')
    .action((id: string, options: { failed: boolean; timeLimit?: number | boolean }) =>
      resumeJob(context, id, options),
    );
  jobs
    .command('delete')
    .alias('remove')
    .description('delete a job that is in no experiment, with its answers and scores')
    .argument('<id>')
    .option('--force', 'also while it runs', false)
    .action((id: string, { force }: { force: boolean }) => deleteJob(context, id, force));
}

function resolveJob({ connect }: Context, id: string): Promise<string> {
  return resolveId('job', id, (page) => connect().client.jobs.list.query(page));
}

async function listJobs(
  context: Context,
  { experiment, kind, status, search, limit, json }: ListOptions,
): Promise<void> {
  const { terminal, style } = context;
  const { client } = context.connect();
  const experiment_id =
    experiment === undefined
      ? undefined
      : await resolveId('experiment', experiment, (page) => client.experiments.list.query(page));
  const jobs = await listAll((page) => client.jobs.list.query({ ...page, experiment_id, kind, status, search }), limit);
  if (json) return writeJson(terminal.stdout, jobs);
  if (jobs.length === 0) return writeLine(terminal.stdout, 'No such jobs.');
  const columns = [
    { title: 'Id' },
    { title: 'Kind' },
    { title: 'State' },
    { title: 'Experiment' },
    { title: 'Name' },
    { title: 'Rows', align: 'right' as const },
    { title: 'Attempt', align: 'right' as const },
    { title: 'Created' },
    { title: 'Took', align: 'right' as const },
  ];
  const rows = jobs.map((job) => [
    shortId(job.id),
    job.kind,
    job.status,
    job.experiment ? cutText(oneLine(job.experiment.name), 30) : '–',
    cutText(oneLine(job.name), 30),
    job.progress ? `${job.progress.rows.answered + job.progress.rows.failed}/${job.progress.rows.total}` : '–',
    String(job.attempt),
    formatTime(job.created_at),
    formatSeconds(secondsBetween(job.started_at, job.finished_at)),
  ]);
  for (const line of renderTable(columns, rows, style)) writeLine(terminal.stdout, line);
}

function secondsBetween(start: string | null, end: string | null): number | null {
  return start && end ? (Date.parse(end) - Date.parse(start)) / 1000 : null;
}

async function showJob(
  context: Context,
  given: string,
  { follow, json }: { follow: boolean; json?: true },
): Promise<void> {
  const id = await resolveJob(context, given);
  const job = follow ? await followJob(context, id) : await context.connect().client.jobs.get.query({ id });
  if (json) return writeJson(context.terminal.stdout, job);
  printJob(context, job);
}

async function printLog(context: Context, given: string, follow: boolean): Promise<void> {
  const id = await resolveJob(context, given);
  const { client } = context.connect();
  if (!follow) return saveStream(await client.jobLog(id), undefined, context.terminal);
  let offset = 0;
  for (;;) {
    const piece = await client.jobs.log.query({ id, offset });
    context.terminal.stdout.write(piece.text);
    if (piece.over && piece.next_offset === offset) return;
    if (piece.next_offset === offset) await sleep(FOLLOW_MS);
    offset = piece.next_offset;
  }
}

async function stopJob(context: Context, given: string): Promise<void> {
  const id = await resolveJob(context, given);
  const job = await context.connect().client.jobs.stop.mutate({ id });
  const title = titleOf(job);
  writeLine(
    context.terminal.stdout,
    job.finished_at === null ? `Stopping the ${title}.` : `It is over already: the ${title} ${job.status}.`,
  );
}

async function saveResult(context: Context, given: string, output: string | undefined): Promise<void> {
  const id = await resolveJob(context, given);
  await saveStream(await context.connect().client.jobResult(id), output, context.terminal);
}

async function saveRows(
  context: Context,
  given: string,
  { format, output }: { format: ExportFormat; output?: string },
): Promise<void> {
  const id = await resolveJob(context, given);
  await saveStream(await context.connect().client.jobRows(id, format), output, context.terminal);
}

async function resumeJob(
  context: Context,
  given: string,
  { failed, timeLimit }: { failed: boolean; timeLimit?: number | boolean },
): Promise<void> {
  const id = await resolveJob(context, given);
  const job = await context.connect().client.jobs.resume.mutate({
    request_id: randomUUID(),
    id,
    what: failed ? 'failed' : 'not_run',
    // Commander calls it true where nothing is given, false for --no-time-limit.
    ...(typeof timeLimit === 'number' && { time_limit_s: timeLimit }),
    ...(timeLimit === false && { time_limit_s: null }),
  });
  writeLine(
    context.terminal.stdout,
    `Resumed the ${titleOf(job)}: \`npx touchstone jobs show ${id} --follow\` shows how it goes.`,
  );
}

async function deleteJob(context: Context, given: string, force: boolean): Promise<void> {
  const id = await resolveJob(context, given);
  const { client } = context.connect();
  const job = await client.jobs.get.query({ id });
  await client.jobs.remove.mutate({ id, force });
  writeLine(context.terminal.stdout, `Deleted the ${titleOf(job)}.`);
}
