import { ModelDot } from '@/components/model-dot.tsx';
import { cx } from '@/lib/cx.ts';

/** A model's colour and name on one line; a long name is cut, in full on hover. */
export function ModelName({ position, name, className }: { position: number; name: string; className?: string }) {
  return (
    <span className={cx('flex min-w-0 items-center gap-1.5', className)} title={name}>
      <ModelDot position={position} />
      <span className="truncate">{name}</span>
    </span>
  );
}
