import type { ComponentProps, ReactNode } from 'react';
import { cx } from '@/lib/cx.ts';

type CheckboxProps = Omit<ComponentProps<'input'>, 'type' | 'onChange'> & {
  label: ReactNode;
  /** A line under the label. */
  description?: ReactNode;
  onChange?: (checked: boolean) => void;
};

export function Checkbox({ label, description, onChange, className, disabled, ...props }: CheckboxProps) {
  return (
    <label
      className={cx('flex min-h-7 items-start gap-2 py-1', disabled && 'cursor-not-allowed text-faint', className)}
    >
      <input
        type="checkbox"
        className="mt-0.5 size-4 shrink-0 accent-accent"
        disabled={disabled}
        onChange={(event) => onChange?.(event.target.checked)}
        {...props}
      />
      <span className="min-w-0">
        <span>{label}</span>
        {description && <span className="block text-sm text-faint">{description}</span>}
      </span>
    </label>
  );
}
