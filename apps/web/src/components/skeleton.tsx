import { cx } from '@/lib/cx.ts';

/** A grey bar in the shape of what is coming. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <div
      aria-hidden
      className={cx('h-4 rounded-sm bg-hover animate-[pulse-soft_1.6s_ease-in-out_infinite]', className)}
    />
  );
}

const WIDTHS = ['w-4/5', 'w-3/5', 'w-2/3', 'w-1/2', 'w-3/4'];

/** Rows of a table that loads. */
export function TableSkeleton({
  rows = 8,
  columns = 5,
  label = 'Loading',
}: {
  rows?: number;
  columns?: number;
  label?: string;
}) {
  return (
    <div role="status" aria-label={label}>
      {Array.from({ length: rows + 1 }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars are all alike
        <div key={row} className="flex h-9 items-center gap-6 border-b">
          {Array.from({ length: columns }, (_, column) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the bars are all alike
            <div key={column} className={column === 0 ? 'flex-[2]' : 'flex-1'}>
              <Skeleton className={row === 0 ? 'w-1/3' : WIDTHS[(row + column) % WIDTHS.length]!} />
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
