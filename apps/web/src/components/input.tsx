'use client';

import type { ComponentProps } from 'react';
import { cx } from '@/lib/cx.ts';
import { CONTROL, useFieldProps } from './field.tsx';

export function Input({ className, ...props }: ComponentProps<'input'>) {
  return <input {...useFieldProps()} className={cx(CONTROL, 'h-8 px-2.5', className)} {...props} />;
}

export function Textarea({ className, ...props }: ComponentProps<'textarea'>) {
  return (
    <textarea
      {...useFieldProps()}
      className={cx(CONTROL, 'field-sizing-content min-h-20 px-2.5 py-1.5', className)}
      {...props}
    />
  );
}
