'use client';

import { useQuery } from '@tanstack/react-query';
import { Activity } from 'lucide-react';
import Link from 'next/link';
import { buttonClass } from '@/components/button.tsx';
import { formatBounded, formatCount } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { Popover, PopoverClose } from '../popover.tsx';
import { ProgressLine } from '../progress-line.tsx';
import { StateBadge } from '../state-badge.tsx';

/** Of each state, in the list. */
const MOST_SHOWN = 20;

/** How many experiments run; opens a list with their progress. */
export function RunningWork() {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.experiments.counts.queryOptions({}));
  const count = data ? data.running + data.created : 0;
  return (
    <Popover
      label="Running experiments"
      trigger={
        <button type="button" className={buttonClass('ghost', 'px-2')}>
          <Activity aria-hidden className={count > 0 ? 'text-accent' : undefined} />
          {data && formatBounded(count)}
          <span className="max-lg:sr-only">running</span>
        </button>
      }
    >
      {count === 0 ? (
        <p className="px-4 py-3 text-sm text-muted">Nothing is running.</p>
      ) : (
        <RunningList count={count} />
      )}
    </Popover>
  );
}

function RunningList({ count }: { count: number }) {
  const trpc = useTRPC();
  const running = useQuery(trpc.experiments.list.queryOptions({ status: 'running', limit: MOST_SHOWN }));
  const queued = useQuery(trpc.experiments.list.queryOptions({ status: 'created', limit: MOST_SHOWN }));
  const shown = [...(running.data?.items ?? []), ...(queued.data?.items ?? [])];
  return (
    <ul className="max-h-96 overflow-y-auto p-1">
      {shown.map(({ id, name, status, rows }) => (
        <li key={id}>
          <PopoverClose asChild>
            <Link href={`/experiments/${id}`} className="block rounded-sm px-3 py-2 text-sm hover:bg-hover">
              <span className="flex items-center gap-3">
                <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
                <StateBadge state={status} className="text-muted" />
              </span>
              <ProgressLine label={`Progress of ${name}`} rows={rows} className="my-1.5" />
              <span className="text-muted">
                {formatCount(rows.answered + rows.failed)} of {formatCount(rows.total)} rows
                {rows.failed > 0 && `, ${formatCount(rows.failed)} failed`}
              </span>
            </Link>
          </PopoverClose>
        </li>
      ))}
      {running.isSuccess && queued.isSuccess && shown.length < count && (
        <li>
          <PopoverClose asChild>
            <Link href="/experiments?status=running" className="link block px-3 py-2 text-sm">
              All that run
            </Link>
          </PopoverClose>
        </li>
      )}
    </ul>
  );
}
