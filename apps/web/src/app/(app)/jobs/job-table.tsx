'use client';

import type { JobListItem } from '@touchstone/schemas';
import Link from 'next/link';
import { RelativeTime, useNow } from '@/components/number.tsx';
import { ProgressLine } from '@/components/progress-line.tsx';
import { StateBadge } from '@/components/state-badge.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { cx } from '@/lib/cx.ts';
import { formatCount, formatDuration, formatElapsed, NONE, secondsBetween } from '@/lib/format.ts';
import { isOver, jobTitle, KIND_LABELS } from './kinds.ts';

export function JobTable({ jobs }: { jobs: readonly JobListItem[] }) {
  return (
    <Table label="Jobs" className="max-lg:min-w-[960px]">
      <THead>
        <Tr>
          <Th>State</Th>
          <Th>Job</Th>
          <Th>Kind</Th>
          <Th>Experiment</Th>
          <Th>Rows</Th>
          <Th numeric>Attempt</Th>
          <Th>Created</Th>
          <Th numeric>Took</Th>
        </Tr>
      </THead>
      <TBody>
        {jobs.map((job) => (
          <JobRow key={job.id} job={job} />
        ))}
      </TBody>
    </Table>
  );
}

/** However long a name is, a row stays low. */
const NAME = 'line-clamp-2 break-words hover:text-accent hover:underline';

function JobRow({ job }: { job: JobListItem }) {
  const title = jobTitle(job);
  return (
    <Tr>
      <Td>
        <StateBadge state={job.status} />
      </Td>
      <Td className="max-w-96 min-w-40">
        <Link href={`/jobs/${job.id}`} title={title} className={cx(NAME, 'font-medium')}>
          {title}
        </Link>
        {job.reason && <p className="line-clamp-1 max-w-[60ch] text-faint">{job.reason}</p>}
      </Td>
      <Td className="text-muted">{KIND_LABELS[job.kind]}</Td>
      <Td className="max-w-80 min-w-32">
        {job.experiment ? (
          <Link
            href={`/experiments/${job.experiment.id}`}
            title={job.experiment.name}
            className={cx(NAME, 'text-muted')}
          >
            {job.experiment.name}
          </Link>
        ) : (
          <span className="line-clamp-2 break-words text-faint" title={job.dataset.name}>
            alone, on{' '}
            <Link href={`/datasets/${job.dataset.id}`} className="text-muted hover:text-accent hover:underline">
              {job.dataset.name}
            </Link>
          </span>
        )}
      </Td>
      <Td className="w-40 min-w-32">
        <JobProgress job={job} title={title} />
      </Td>
      <Td numeric>{job.attempt || NONE}</Td>
      <Td>
        <RelativeTime value={job.created_at} />
      </Td>
      <Td numeric>
        <Took job={job} />
      </Td>
    </Tr>
  );
}

function JobProgress({ job, title }: { job: JobListItem; title: string }) {
  const rows = job.progress?.rows;
  if (!rows) return <span className="text-faint">{NONE}</span>;
  const failed = rows.failed > 0 && <span className="text-danger">, {formatCount(rows.failed)} failed</span>;
  return (
    <div>
      <span className="whitespace-nowrap">
        {formatCount(rows.answered + rows.failed)} of {formatCount(rows.total)}
        {failed}
      </span>
      {!isOver(job.status) && <ProgressLine label={`Progress of ${title}`} rows={rows} className="mt-1" />}
    </div>
  );
}

function Took({ job }: { job: JobListItem }) {
  const running = job.started_at !== null && !isOver(job.status);
  const now = useNow(running ? 1000 : null);
  const seconds = secondsBetween(job.started_at, job.finished_at, now);
  return <>{running ? formatElapsed(seconds) : formatDuration(seconds)}</>;
}
