'use client';

import { useQuery } from '@tanstack/react-query';
import { Activity } from 'lucide-react';
import Link from 'next/link';
import { buttonClass } from '@/components/button.tsx';
import { formatCount } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { Popover, PopoverClose } from '../popover.tsx';
import { ProgressLine } from '../progress-line.tsx';
import { StateBadge } from '../state-badge.tsx';

/** How many experiments run; opens a list with their progress. */
export function RunningWork() {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.experiments.list.queryOptions({ limit: 50 }));
  const running = data?.items.filter(({ status }) => status === 'running' || status === 'created') ?? [];
  return (
    <Popover
      label="Running experiments"
      trigger={
        <button type="button" className={buttonClass('ghost', 'px-2')}>
          <Activity aria-hidden className={running.length ? 'text-accent' : undefined} />
          {running.length}
          <span className="max-lg:sr-only">running</span>
        </button>
      }
    >
      {running.length === 0 ? (
        <p className="px-4 py-3 text-sm text-muted">Nothing is running.</p>
      ) : (
        <ul className="max-h-96 overflow-y-auto p-1">
          {running.map(({ id, name, status, rows }) => (
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
        </ul>
      )}
    </Popover>
  );
}
