import { setTimeout as sleep } from 'node:timers/promises';
import { describeMetric, type Job, type JobListItem } from '@touchstone/schemas';
import type { Context } from '../context.ts';
import { EXIT } from '../failure.ts';
import { renderPairs } from '../run/verdict.ts';
import { writeLine } from '../terminal.ts';
import { formatInterval, formatMetric, formatSeconds, formatTime, formatTimeOfDay } from '../text/numbers.ts';
import { renderTable } from '../text/table.ts';
import { oneLine } from '../text/width.ts';

export const FOLLOW_MS = 1000;

/** `inference of lead-3 in Summaries`; `inference "Mine"` of a job that is in no experiment. */
export function titleOf({ kind, name, experiment }: JobListItem): string {
  return experiment ? `${kind} of ${oneLine(name)} in ${oneLine(experiment.name)}` : `${kind} "${oneLine(name)}"`;
}

export function printJob(context: Context, job: Job): void {
  for (const line of [...jobLines(job, context), ...scoreLines(job, context)]) writeLine(context.terminal.stdout, line);
}

/** Says how it goes, where that changed, until it is over; a job that did not succeed is an exit status of 1. */
export async function followJob(context: Context, id: string): Promise<Job> {
  let told = '';
  for (;;) {
    const job = await context.connect().client.jobs.get.query({ id });
    const { progress, status, reason, finished_at } = job;
    const done = progress ? `, ${progress.rows.answered + progress.rows.failed} of ${progress.rows.total} rows` : '';
    const now = `${status}${done}${reason ? `: ${oneLine(reason)}` : ''}`;
    if (now !== told) writeLine(context.terminal.stderr, now);
    told = now;
    if (finished_at !== null) {
      if (status !== 'succeeded') context.exitWith(EXIT.failed);
      return job;
    }
    await sleep(FOLLOW_MS);
  }
}

function jobLines(job: Job, { style }: Context): string[] {
  const { progress, sample, time_limit_s, stored_dataset, store_problem } = job;
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
    `Dataset  ${oneLine(job.dataset.name)}, version ${job.dataset.version}: ${sample.rows} of ${sample.available} rows`,
    `State    ${job.status}${job.stop_requested && job.finished_at === null ? ', stopping' : ''}${job.reason ? `: ${oneLine(job.reason)}` : ''}`,
    `Created  ${formatTime(job.created_at)}, started ${formatTime(job.started_at)}, finished ${formatTime(job.finished_at)}`,
    ...(progress
      ? [
          `Rows     ${progress.rows.total} in all: ${progress.rows.answered} answered, ${progress.rows.failed} failed, ${progress.rows.not_run} not run, ${progress.rows.pending} pending`,
          ...(progress.waiting_for && job.finished_at === null
            ? [
                `Waits    for ${oneLine(progress.waiting_for)}${progress.next_call_at ? `; next try ${formatTimeOfDay(progress.next_call_at)}` : ''}`,
              ]
            : []),
        ]
      : []),
    ...(time_limit_s ? [`Limit    ${formatSeconds(time_limit_s)} of work`] : []),
    ...(stored_dataset ? [`Answers  in the dataset "${oneLine(stored_dataset.name)}", ${stored_dataset.id}`] : []),
    ...(store_problem ? [`Answers  did not become a dataset: ${oneLine(store_problem)}`] : []),
    ...(rows.length > 0 ? ['', ...renderTable(columns, rows, style)] : []),
  ];
}

function scoreLines({ spec, result, compared }: Job, { style }: Context): string[] {
  if (result?.kind === 'comparison' && compared.length > 0) {
    const pairs = result.pairs.filter(({ family }) => family === 'primary');
    return [
      '',
      ...renderPairs(pairs, result.metrics, new Map(compared.map(({ id, name }) => [id, oneLine(name)])), style),
    ];
  }
  if (result?.kind !== 'evaluation' || spec.kind !== 'evaluation') return [];
  const right = (title: string) => ({ title, align: 'right' as const });
  const columns = [{ title: 'Metric' }, right('Value'), right('Scored'), { title: 'Signature' }];
  const rows = spec.metrics.map(describeMetric).flatMap((metric) => {
    const aggregate = result.metrics[metric.name];
    if (!aggregate) return [];
    const { value, interval, scored, total, signature } = aggregate;
    return [
      [
        metric.label,
        `${formatMetric(metric, value)}${formatInterval(metric, interval)}`,
        `${scored}/${total}`,
        signature,
      ],
    ];
  });
  return ['', ...renderTable(columns, rows, style), style.dim('± half of a 95 % interval')];
}
