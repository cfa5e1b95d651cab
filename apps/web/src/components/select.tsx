'use client';

import { ChevronDown } from 'lucide-react';
import type { ComponentProps } from 'react';
import { cx } from '@/lib/cx.ts';
import { CONTROL, useFieldProps } from './field.tsx';

type SelectProps<T extends string> = Omit<ComponentProps<'select'>, 'value' | 'onChange'> & {
  options: readonly (T | { value: T; label: string; disabled?: boolean })[];
  value: T;
  onChange: (value: T) => void;
};

/** The browser's own list: works with a keyboard, a finger and a screen reader. */
export function Select<T extends string>({ options, value, onChange, className, ...props }: SelectProps<T>) {
  return (
    <span className={cx('relative inline-flex min-w-0', className)}>
      <select
        {...useFieldProps()}
        className={cx(CONTROL, 'h-8 appearance-none truncate pr-8 pl-2.5')}
        value={value}
        onChange={(event) => onChange(event.target.value as T)}
        {...props}
      >
        {options.map((option) => {
          const { value, label, disabled } =
            typeof option === 'string' ? { value: option, label: option, disabled: false } : option;
          return (
            <option key={value} value={value} disabled={disabled}>
              {label}
            </option>
          );
        })}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-2.5 size-4 -translate-y-1/2 text-faint"
      />
    </span>
  );
}
