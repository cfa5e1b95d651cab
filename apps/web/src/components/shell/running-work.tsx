'use client';

import { useQuery } from '@tanstack/react-query';
import type { RowCounts } from '@touchstone/schemas';
import { Activity } from 'lucide-react';
import Link from 'next/link';
import { buttonClass } from '@/components/button.tsx';
import { formatBounded, formatCount } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { Popover, PopoverClose } from '../popover.tsx';
import { ProgressLine } from '../progress-line.tsx';
import { StateBadge } from '../state-badge.tsx';

/** Of each kind and state, in the list. */
const MOST_SHOWN = 20;

/** Jobs that are in no experiment and not over. */
function useJobsAlone() {
  const trpc = useTRPC();
  return useQuery(trpc.jobs.list.queryOptions({ in_experiment: false, is_over: false, limit: MOST_SHOWN }));
}

/** How many experiments, and jobs alone, run or wait; opens a list with their progress. */
export function RunningWork() {
  const trpc = useTRPC();
  const { data: counts } = useQuery(trpc.experiments.counts.queryOptions({}));
  const { data: jobs } = useJobsAlone();
  const experiments = counts ? counts.running + counts.created : 0;
  const count = experiments + (jobs?.items.length ?? 0);
  return (
    <Popover
      label="Running work"
      trigger={
        <button type="button" className={buttonClass('ghost', 'px-2')}>
          <Activity aria-hidden className={count > 0 ? 'text-accent' : undefined} />
          {counts && jobs && `${formatBounded(count)}${jobs.next_cursor === null ? '' : '+'}`}
          <span className="max-lg:sr-only">running</span>
        </button>
      }
    >
      {count === 0 ? (
        <p className="px-4 py-3 text-sm text-muted">Nothing is running.</p>
      ) : (
        <RunningList experimentCount={experiments} />
      )}
    </Popover>
  );
}

function RunningList({ experimentCount }: { experimentCount: number }) {
  const trpc = useTRPC();
  const running = useQuery(trpc.experiments.list.queryOptions({ status: 'running', limit: MOST_SHOWN }));
  const queued = useQuery(trpc.experiments.list.queryOptions({ status: 'created', limit: MOST_SHOWN }));
  const experiments = [...(running.data?.items ?? []), ...(queued.data?.items ?? [])];
  const { data: jobs } = useJobsAlone();
  return (
    <ul className="max-h-96 overflow-y-auto p-1">
      {experiments.map(({ id, name, status, rows }) => (
        <RunningItem key={id} href={`/experiments/${id}`} name={name} state={status} rows={rows} />
      ))}
      {running.isSuccess && queued.isSuccess && experiments.length < experimentCount && (
        <AllLink href="/experiments?status=running">All experiments that run</AllLink>
      )}
      {jobs?.items.map(({ id, name, status, progress }) => (
        <RunningItem key={id} href={`/jobs/${id}`} name={name} state={status} rows={progress?.rows ?? null} />
      ))}
      {jobs && jobs.next_cursor !== null && <AllLink href="/jobs">All jobs</AllLink>}
    </ul>
  );
}

type RunningItemProps = {
  href: string;
  name: string;
  state: Parameters<typeof StateBadge>[0]['state'];
  /** Null: it has not reported any. */
  rows: RowCounts | null;
};

function RunningItem({ href, name, state, rows }: RunningItemProps) {
  return (
    <li>
      <PopoverClose asChild>
        <Link href={href} className="block rounded-sm px-3 py-2 text-sm hover:bg-hover">
          <span className="flex items-center gap-3">
            <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
            <StateBadge state={state} className="text-muted" />
          </span>
          {rows && (
            <>
              <ProgressLine label={`Progress of ${name}`} rows={rows} className="my-1.5" />
              <span className="text-muted">
                {formatCount(rows.answered + rows.failed)} of {formatCount(rows.total)} rows
                {rows.failed > 0 && `, ${formatCount(rows.failed)} failed`}
              </span>
            </>
          )}
        </Link>
      </PopoverClose>
    </li>
  );
}

function AllLink({ href, children }: { href: string; children: string }) {
  return (
    <li>
      <PopoverClose asChild>
        <Link href={href} className="link block px-3 py-2 text-sm">
          {children}
        </Link>
      </PopoverClose>
    </li>
  );
}
