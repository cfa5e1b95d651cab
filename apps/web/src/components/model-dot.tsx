import { cx } from '@/lib/cx.ts';
import { isRing, modelColor, modelEdge } from '@/lib/model-colors.ts';

/** A model's colour; its name stands beside it or is given as `title`. */
export function ModelDot({ position, title, className }: { position: number; title?: string; className?: string }) {
  return (
    <span
      title={title}
      className={cx('inline-block size-2 shrink-0 rounded-full', className)}
      style={{
        backgroundColor: isRing(position) ? 'transparent' : modelColor(position),
        boxShadow: `inset 0 0 0 ${isRing(position) ? 2 : 1}px ${isRing(position) ? modelColor(position) : modelEdge(position)}`,
      }}
    >
      {title && <span className="sr-only">{title}</span>}
    </span>
  );
}
