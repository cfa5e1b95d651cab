'use client';

import { Popover as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from '@/lib/cx.ts';

type PopoverProps = { trigger: ReactNode; label: string; children: ReactNode; className?: string };

/** Details that a button in the top bar opens. `trigger` is one button. */
export function Popover({ trigger, label, children, className }: PopoverProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          align="end"
          sideOffset={6}
          collisionPadding={8}
          className={cx('z-30 w-80 max-w-[calc(100vw-16px)] rounded-md bg-raised shadow-overlay', className)}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A link in a popover that closes it. */
export const PopoverClose = Radix.Close;
