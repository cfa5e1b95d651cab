'use client';

import { Tooltip as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

export const TooltipProvider = Radix.Provider;

/** A few words on hover and on focus; never the only place where something is said. */
export function Tooltip({ text, children, side }: { text: ReactNode; children: ReactNode; side?: 'top' | 'right' }) {
  return (
    <Radix.Root delayDuration={400}>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side ?? 'top'}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-w-80 rounded-md bg-fg px-2 py-1 text-sm text-canvas"
        >
          {text}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
