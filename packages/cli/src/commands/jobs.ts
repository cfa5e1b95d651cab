import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, JobKind, type JobListItem, JobStatus } from '@touchstone/schemas';
import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { listAll, resolveId, shortId } from '../lists.ts';
import { saveStream } from '../save.ts';
import { writeJson, writeLine } from '../terminal.ts';
import { formatSeconds, formatTime } from '../text/numbers.ts';
import { renderTable } from '../text/table.ts';
import { cutText, oneLine } from '../text/width.ts';
import { parseCount } from './options.ts';

const FOLLOW_MS = 1000;

type ListOptions = { experiment?: string; kind?: JobKind; status?: JobStatus; limit: number; json?: true };

export function addJobCommands(program: Command, context: Context): void {
  const jobs = program.command('jobs').description('list, show and stop jobs, and read their logs');
  jobs
    .command('list')
    .description('the jobs, newest first')
    .option('--experiment <id>', 'only those of an experiment')
    .addOption(new Option('--kind <kind>', 'only those of a kind').choices(JobKind.options))
    .addOption(new Option('--status <status>', 'only those in a state').choices(JobStatus.options))
    .option('--limit <n>', 'at most so many', parseCount, 50)
    .option('--json', 'as JSON')
    .action((options: ListOptions) => listJobs(context, options));
  jobs
    .command('show')
    .description('a job, its progress and its attempts')
    .argument('<id>')
    .option('--json', 'as JSON')
    .action((id: string, { json }: { json?: true }) => showJob(context, id, json === true));
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
}

function resolveJob({ connect }: Context, id: string): Promise<string> {
  return resolveId('job', id, (page) => connect().client.jobs.list.query(page));
}

async function listJobs(context: Context, { experiment, kind, status, limit, json }: ListOptions): Promise<void> {
  const { terminal, style } = context;
  const { client } = context.connect();
  const experiment_id =
    experiment === undefined
      ? undefined
      : await resolveId('experiment', experiment, (page) => client.experiments.list.query(page));
  const jobs = await listAll((page) => client.jobs.list.query({ ...page, experiment_id, kind, status }), limit);
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

/** `inference of lead-3 in Summaries`; `inference "Mine"` of a job that is in no experiment. */
function titleOf({ kind, name, experiment }: JobListItem): string {
  return experiment ? `${kind} of ${oneLine(name)} in ${oneLine(experiment.name)}` : `${kind} "${oneLine(name)}"`;
}

function secondsBetween(start: string | null, end: string | null): number | null {
  return start && end ? (Date.parse(end) - Date.parse(start)) / 1000 : null;
}

async function showJob(context: Context, given: string, json: boolean): Promise<void> {
  const { terminal } = context;
  const id = await resolveJob(context, given);
  const job = await context.connect().client.jobs.get.query({ id });
  if (json) return writeJson(terminal.stdout, job);
  for (const line of jobLines(job, context)) writeLine(terminal.stdout, line);
}

function jobLines(job: Job, { style }: Context): string[] {
  const { progress } = job;
  const columns = [
    { title: 'Attempt', align: 'right' as const },
    { title: 'Submitted' },
    { title: 'Ended' },
    { title: 'Outcome' },
    { title: 'Message' },
  ];
  const rows = job.attempts.map(({ number, submitted_at, ended_at, outcome, message }) => [
    String(number),
    formatTime(submitted_at),
    formatTime(ended_at),
    outcome ?? '–',
    oneLine(message ?? ''),
  ]);
  return [
    style.bold(titleOf(job)),
    `Id       ${job.id}`,
    `State    ${job.status}${job.stop_requested && job.finished_at === null ? ', stopping' : ''}${job.reason ? `: ${oneLine(job.reason)}` : ''}`,
    `Created  ${formatTime(job.created_at)}, started ${formatTime(job.started_at)}, finished ${formatTime(job.finished_at)}`,
    ...(progress
      ? [
          `Rows     ${progress.rows.total} in all: ${progress.rows.answered} answered, ${progress.rows.failed} failed, ${progress.rows.not_run} not run, ${progress.rows.pending} pending`,
          ...(progress.waiting_for ? [`Waits    ${oneLine(progress.waiting_for)}`] : []),
        ]
      : []),
    ...(rows.length > 0 ? ['', ...renderTable(columns, rows, style)] : []),
  ];
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
