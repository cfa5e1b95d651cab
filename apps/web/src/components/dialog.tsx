'use client';

import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from '@/lib/cx.ts';
import { Button } from './button.tsx';

export const OVERLAY = 'fixed inset-0 z-40 bg-scrim animate-[overlay-in_120ms_ease-out]';

/** Focus goes to the first thing to fill in, else to the dialog itself, so that it is read from its start. */
export function focusFirstControl(event: Event): void {
  event.preventDefault();
  const dialog = event.currentTarget as HTMLElement;
  (dialog.querySelector<HTMLElement>('input, textarea, select') ?? dialog).focus();
}

export function CloseButton() {
  return (
    <Radix.Close asChild>
      <Button variant="ghost" className="w-8 px-0" aria-label="Close" title="Close" icon={<X aria-hidden />} />
    </Radix.Close>
  );
}

type DialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** A sentence under the title. */
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons, the main one last. */
  actions?: ReactNode;
  wide?: boolean;
};

export function Dialog({ open, onOpenChange, title, description, children, actions, wide }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content
          tabIndex={-1}
          onOpenAutoFocus={focusFirstControl}
          {...(description ? {} : { 'aria-describedby': undefined })}
          className={cx(
            'fixed top-[12vh] left-1/2 z-40 flex max-h-[76vh] w-[calc(100vw-24px)] -translate-x-1/2 flex-col rounded-md bg-raised shadow-overlay animate-[overlay-in_120ms_ease-out] focus:outline-none',
            wide ? 'max-w-3xl' : 'max-w-lg',
          )}
        >
          <header className="flex items-start gap-4 py-3 pr-3 pl-5">
            <div className="min-w-0 flex-1 pt-1">
              <Radix.Title className="text-base font-semibold break-words">{title}</Radix.Title>
              {description && <Radix.Description className="mt-1 text-muted">{description}</Radix.Description>}
            </div>
            <CloseButton />
          </header>
          {children && <div className="min-h-0 overflow-y-auto px-5 pb-4">{children}</div>}
          {actions && <footer className="flex flex-wrap justify-end gap-2 px-5 pt-1 pb-4">{actions}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
