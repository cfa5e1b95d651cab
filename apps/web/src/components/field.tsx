'use client';

import { createContext, type ReactNode, useContext, useId } from 'react';
import { cx } from '@/lib/cx.ts';

type FieldContext = { id: string; describedBy: string | undefined; invalid: boolean };
const Context = createContext<FieldContext | null>(null);

type FieldProps = {
  label: ReactNode;
  /** A line under the control: what to enter. */
  hint?: ReactNode;
  /** What is wrong and what to do; takes the hint's place. */
  error?: ReactNode;
  optional?: boolean;
  className?: string;
  /** One Input, Textarea or Select. */
  children: ReactNode;
};

/** A control with its label, hint and error, tied together for screen readers. */
export function Field({ label, hint, error, optional, className, children }: FieldProps) {
  const id = useId();
  const note = error || hint;
  return (
    <div className={cx('flex min-w-0 flex-col gap-1', className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
        {optional && <span className="font-normal text-faint"> (optional)</span>}
      </label>
      <Context value={{ id, describedBy: note ? `${id}-note` : undefined, invalid: Boolean(error) }}>
        {children}
      </Context>
      {note && (
        <p
          id={`${id}-note`}
          role={error ? 'alert' : undefined}
          className={cx('text-sm whitespace-pre-line', error ? 'text-danger' : 'text-faint')}
        >
          {note}
        </p>
      )}
    </div>
  );
}

/** What a control inside a Field takes over from it. */
export function useFieldProps() {
  const field = useContext(Context);
  return field
    ? { id: field.id, 'aria-describedby': field.describedBy, 'aria-invalid': field.invalid || undefined }
    : {};
}

export const CONTROL =
  'w-full min-w-0 rounded-md border border-line-strong bg-canvas text-base text-fg placeholder:text-faint hover:border-faint focus-visible:border-accent focus-visible:outline-1 focus-visible:-outline-offset-1 disabled:cursor-not-allowed disabled:bg-subtle disabled:text-faint aria-invalid:border-danger';
