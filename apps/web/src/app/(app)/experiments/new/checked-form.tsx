'use client';

import { type ReactNode, useRef, useState } from 'react';
import type { Check } from './check.ts';

/** An error shows once its field was left, or after an attempt to run. */
export function useShownErrors({ errors }: Pick<Check, 'errors'>) {
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false);
  return {
    errorAt: (path: string) => (all || touched.has(path) ? errors[path] : undefined),
    touch: (path: string) => setTouched((current) => (current.has(path) ? current : new Set(current).add(path))),
    showAll: () => setAll(true),
  };
}

type CheckedFormProps = {
  shown: ReturnType<typeof useShownErrors>;
  /** Null while something is missing: then the first error is shown and gone to. */
  onSubmit: (() => void) | null | undefined;
  /** The sections, and the summary beside them. */
  children: ReactNode;
};

export function CheckedForm({ shown, onSubmit, children }: CheckedFormProps) {
  const page = useRef<HTMLFormElement>(null);
  const submit = () => {
    if (onSubmit) return onSubmit();
    shown.showAll();
    // After the messages are there.
    setTimeout(() => {
      const first = page.current?.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]');
      first?.scrollIntoView({ block: 'center' });
      first?.focus();
    });
  };
  return (
    <form
      ref={page}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onBlur={({ target }) => {
        if ('name' in target && typeof target.name === 'string' && target.name !== '') shown.touch(target.name);
      }}
      className="grid grid-cols-[minmax(0,1fr)] gap-x-10 gap-y-6 lg:grid-cols-[minmax(0,768px)_320px]"
    >
      {children}
    </form>
  );
}

/** One id for one request: a second click, or a try after an answer that got lost, cannot start it a second time. */
export function useRequestId(): (request: object) => string {
  const sent = useRef<{ request_id: string; body: string } | null>(null);
  return (request) => {
    const body = JSON.stringify(request);
    if (sent.current?.body !== body) sent.current = { request_id: crypto.randomUUID(), body };
    return sent.current.request_id;
  };
}
