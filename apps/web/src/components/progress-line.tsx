'use client';

import { useRef } from 'react';
import { cx } from '@/lib/cx.ts';
import { formatCount } from '@/lib/format.ts';

type Portions = { total: number; answered: number; failed: number; not_run?: number };

type ProgressLineProps = {
  /** What makes progress, for screen readers. */
  label: string;
  rows: Portions;
  /** False: over, so that nothing more comes. */
  active?: boolean;
  className?: string;
};

/** A thin line: answered rows, then failed ones. While work is under way it never goes back. */
export function ProgressLine({ label, rows, active = true, className }: ProgressLineProps) {
  const shown = useHighest(rows, active);
  const done = shown.answered + shown.failed;
  const percent = (count: number) => (shown.total ? `${(100 * count) / shown.total}%` : '0%');
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={shown.total}
      aria-valuenow={done}
      aria-valuetext={`${formatCount(done)} of ${formatCount(shown.total)} rows${shown.failed ? `, ${formatCount(shown.failed)} failed` : ''}`}
      className={cx('flex h-[3px] w-full overflow-hidden rounded-full bg-line', className)}
    >
      <div
        className={cx('h-full transition-[width]', active ? 'bg-accent' : 'bg-faint')}
        style={{ width: percent(shown.answered) }}
      />
      <div className="h-full bg-danger transition-[width]" style={{ width: percent(shown.failed) }} />
    </div>
  );
}

/** The furthest counts seen: numbers that arrive out of order must not move the line back. A resumed run starts anew. */
function useHighest(rows: Portions, active: boolean): Portions {
  const highest = useRef({ rows, active });
  const last = highest.current;
  const further = rows.answered + rows.failed >= last.rows.answered + last.rows.failed;
  const restarted = active && !last.active;
  if (further || restarted || !active || rows.total !== last.rows.total) highest.current = { rows, active };
  return highest.current.rows;
}
