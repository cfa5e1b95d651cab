'use client';

import { type ReactNode, useId } from 'react';
import { cx } from '@/lib/cx.ts';

type RadioGroupProps<T extends string> = {
  legend: ReactNode;
  /** The legend is read out, not shown. */
  hideLegend?: boolean;
  options: readonly { value: T; label: ReactNode; description?: ReactNode; disabled?: boolean }[];
  value: T | null;
  onChange: (value: T) => void;
  /** Side by side. */
  inline?: boolean;
  className?: string;
};

export function RadioGroup<T extends string>(props: RadioGroupProps<T>) {
  const { legend, hideLegend, options, value, onChange, inline, className } = props;
  const name = useId();
  return (
    <fieldset className={cx('min-w-0', className)}>
      <legend className={hideLegend ? 'sr-only' : 'mb-1 text-sm font-medium'}>{legend}</legend>
      <div className={inline ? 'flex flex-wrap gap-x-5' : 'flex flex-col'}>
        {options.map((option) => (
          <label
            key={option.value}
            className={cx('flex min-h-7 items-start gap-2 py-1', option.disabled && 'text-faint')}
          >
            <input
              type="radio"
              name={name}
              className="mt-0.5 size-4 shrink-0 accent-accent"
              checked={option.value === value}
              disabled={option.disabled}
              onChange={() => onChange(option.value)}
            />
            <span className="min-w-0">
              {option.label}
              {option.description && <span className="block text-sm text-faint">{option.description}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
