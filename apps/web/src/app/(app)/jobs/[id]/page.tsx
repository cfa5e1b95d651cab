'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { LinkButton } from '@/components/button.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { Notice } from '@/components/notice.tsx';
import { RelativeTime } from '@/components/number.tsx';
import { PageHeader } from '@/components/page-header.tsx';
import { Skeleton, TableSkeleton } from '@/components/skeleton.tsx';
import { StateBadge } from '@/components/state-badge.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { useIdParam } from '@/lib/use-id-param.ts';
import { isOver, jobTitle, KIND_LABELS } from '../kinds.ts';
import { AttemptTable } from './attempt-table.tsx';
import { JobLog } from './job-log.tsx';
import { ProgressPanel } from './progress-panel.tsx';
import { SpecView } from './spec-view.tsx';
import { StopJob } from './stop-job.tsx';

const BREADCRUMB = [{ label: 'Jobs', href: '/jobs' }];

export default function JobPage() {
  const id = useIdParam();
  const trpc = useTRPC();
  const { data: job, error, refetch } = useQuery(trpc.jobs.get.queryOptions({ id }));
  if (error && !job) {
    return (
      <>
        <PageHeader title="Job" breadcrumb={BREADCRUMB} />
        <ErrorState
          title="This job could not be loaded"
          error={error}
          onRetry={() => refetch()}
          action={<LinkButton href="/jobs">All jobs</LinkButton>}
        />
      </>
    );
  }
  if (!job) {
    return (
      <>
        <PageHeader title="Job" breadcrumb={BREADCRUMB} meta={<Skeleton className="my-0.5 w-80" />} />
        <TableSkeleton rows={5} columns={4} label="Loading the job" />
      </>
    );
  }
  const over = isOver(job.status);
  return (
    <>
      <PageHeader
        title={jobTitle(job)}
        breadcrumb={BREADCRUMB}
        meta={
          <>
            <StateBadge state={job.status} {...(job.stop_requested && !over && { word: 'Stopping' })} />
            {job.experiment ? (
              <span>
                Experiment{' '}
                <Link href={`/experiments/${job.experiment.id}`} className="link">
                  {job.experiment.name}
                </Link>
              </span>
            ) : (
              <span>{KIND_LABELS[job.kind]}</span>
            )}
            <span>
              Created <RelativeTime value={job.created_at} />
            </span>
            <span className="font-mono text-sm break-all text-faint">{job.id}</span>
          </>
        }
        actions={!over && <StopJob job={job} />}
      />
      <div className="flex flex-col gap-8">
        {job.reason && <Notice tone={job.status === 'failed' ? 'danger' : 'info'}>{job.reason}</Notice>}
        <ProgressPanel job={job} />
        <AttemptTable attempts={job.attempts} />
        <JobLog jobId={job.id} over={over} />
        <SpecView spec={job.spec} />
      </div>
    </>
  );
}
