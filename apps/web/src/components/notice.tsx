import { CircleAlert, CircleX, Info } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '@/lib/cx.ts';

const TONES = {
  info: { icon: Info, box: 'bg-accent-soft', color: 'text-accent', role: 'status' },
  warn: { icon: CircleAlert, box: 'bg-warn-soft', color: 'text-warn', role: 'status' },
  danger: { icon: CircleX, box: 'bg-danger-soft', color: 'text-danger', role: 'alert' },
} as const;

/** A line that stands out: what happened, what is kept, what to do. */
export function Notice({
  tone = 'info',
  children,
  action,
}: {
  tone?: keyof typeof TONES;
  children: ReactNode;
  action?: ReactNode;
}) {
  const { icon: Icon, box, color, role } = TONES[tone];
  return (
    <div role={role} className={cx('flex flex-wrap items-start gap-x-2 gap-y-1 rounded-md px-3 py-2', box)}>
      <div className="flex min-w-0 flex-1 basis-60 items-start gap-2">
        <Icon aria-hidden className={cx('mt-0.5 size-4 shrink-0', color)} />
        <div className="min-w-0 flex-1 break-words whitespace-pre-line">{children}</div>
      </div>
      {action}
    </div>
  );
}
