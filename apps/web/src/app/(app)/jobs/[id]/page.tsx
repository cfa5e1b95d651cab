'use client';

import { useQuery } from '@tanstack/react-query';
import type { Job } from '@touchstone/schemas';
import Link from 'next/link';
import { LinkButton } from '@/components/button.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { Notice } from '@/components/notice.tsx';
import { RelativeTime } from '@/components/number.tsx';
import { PageHeader } from '@/components/page-header.tsx';
import { Skeleton, TableSkeleton } from '@/components/skeleton.tsx';
import { StateBadge } from '@/components/state-badge.tsx';
import { formatCount } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { useIdParam } from '@/lib/use-id-param.ts';
import { PairTable } from '../../experiments/[id]/pair-table.tsx';
import { isOver, jobTitle, KIND_LABELS } from '../kinds.ts';
import { AttemptTable } from './attempt-table.tsx';
import { JobActions } from './job-actions.tsx';
import { JobLog } from './job-log.tsx';
import { JobRows } from './job-rows.tsx';
import { ProgressPanel } from './progress-panel.tsx';
import { ScoreTable } from './score-table.tsx';
import { SpecView } from './spec-view.tsx';
import { waitsFor } from './waiting.ts';

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
              <span>{KIND_LABELS[job.kind]}, in no experiment</span>
            )}
            <span>
              <Link href={`/datasets/${job.dataset.id}`} className="link">
                {job.dataset.name}
              </Link>{' '}
              v{job.dataset.version}, {formatCount(job.sample.rows)} of {formatCount(job.sample.available)} rows
            </span>
            {job.time_limit_s !== null && <span>Time limit {formatCount(job.time_limit_s)} s</span>}
            {job.mlflow_url && (
              <a href={job.mlflow_url} className="link">
                MLflow
              </a>
            )}
            <span>
              Created <RelativeTime value={job.created_at} />
            </span>
            <span className="font-mono text-sm break-all text-faint">{job.id}</span>
          </>
        }
        actions={<JobActions job={job} />}
      />
      <div className="flex flex-col gap-8">
        <JobNotices job={job} />
        <ProgressPanel job={job} />
        {job.result?.kind === 'evaluation' && job.spec.kind === 'evaluation' && (
          <ScoreTable metrics={job.spec.metrics} aggregates={job.result.metrics} />
        )}
        {job.result?.kind === 'comparison' && job.spec.experiment_id === null && (
          <PairTable
            workflows={job.result.workflows.map(({ workflow_id: id }, position) => ({
              id,
              position,
              name: job.compared.find((one) => one.id === id)?.name ?? 'Deleted',
            }))}
            comparison={job.result}
          />
        )}
        {job.spec.kind !== 'comparison' && <JobRows job={job} spec={job.spec} />}
        <AttemptTable attempts={job.attempts} />
        <JobLog jobId={job.id} over={over} />
        <SpecView spec={job.spec} />
      </div>
    </>
  );
}

/** Why it ended, what it waits for, and what became of its answers. */
function JobNotices({ job }: { job: Job }) {
  const waiting = waitsFor(job);
  const { reason, status, store_to_dataset, stored_dataset, store_problem } = job;
  return (
    <div className="flex flex-col gap-2 empty:hidden">
      {waiting && <Notice>{waiting}</Notice>}
      {reason && reason !== waiting && <Notice tone={status === 'failed' ? 'danger' : 'info'}>{reason}</Notice>}
      {stored_dataset && (
        <Notice>
          The answers are in the dataset{' '}
          <Link href={`/datasets/${stored_dataset.id}`} className="link">
            {stored_dataset.name}
          </Link>
          .
        </Notice>
      )}
      {store_problem && (
        <Notice tone="warn">
          The answers could not become a dataset: {store_problem} They can be downloaded as they are.
        </Notice>
      )}
      {store_to_dataset && !stored_dataset && !store_problem && !isOver(status) && (
        <Notice>
          {store_to_dataset.fills_blanks
            ? `When it has succeeded, its answers fill the blank cells of "${store_to_dataset.output_column}" in the new dataset "${store_to_dataset.name}".`
            : `When it has succeeded, its answers become the dataset "${store_to_dataset.name}".`}
        </Notice>
      )}
    </div>
  );
}
