import { cx } from '@/lib/cx.ts';
import { modelColor } from '@/lib/model-colors.ts';

/** A model's colour; its name stands beside it or is given as `title`. */
export function ModelDot({ position, title, className }: { position: number; title?: string; className?: string }) {
  return (
    <span
      title={title}
      className={cx('inline-block size-2 shrink-0 rounded-full', className)}
      style={{ backgroundColor: modelColor(position) }}
    >
      {title && <span className="sr-only">{title}</span>}
    </span>
  );
}
