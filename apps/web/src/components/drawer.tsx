'use client';

import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { CloseButton, OVERLAY } from './dialog.tsx';

type DrawerProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** Between title and close button: previous, next. */
  actions?: ReactNode;
  children: ReactNode;
};

/** Details over the right side of the page; Esc closes it. */
export function Drawer({ open, onOpenChange, title, actions, children }: DrawerProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content
          tabIndex={-1}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          aria-describedby={undefined}
          className="fixed inset-y-0 right-0 z-40 flex w-full max-w-2xl flex-col bg-raised shadow-overlay animate-[drawer-in_120ms_ease-out] focus:outline-none"
        >
          <header className="flex h-12 shrink-0 items-center gap-2 border-b pr-2 pl-5">
            <Radix.Title className="min-w-0 flex-1 truncate text-base font-semibold">{title}</Radix.Title>
            {actions}
            <CloseButton />
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
