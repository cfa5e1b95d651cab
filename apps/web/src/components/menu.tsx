'use client';

import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from '@/lib/cx.ts';

type MenuItem =
  | { label: ReactNode; onSelect: () => void; icon?: ReactNode; danger?: boolean; disabled?: boolean }
  /** `download`: the browser fetches it instead of going there. */
  | { label: ReactNode; href: string; icon?: ReactNode; download?: boolean };

/** A button that opens a list of further actions. `trigger` is one Button. */
export function Menu({ trigger, items }: { trigger: ReactNode; items: readonly MenuItem[] }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 min-w-44 rounded-md bg-raised p-1 shadow-overlay"
        >
          {items.map((item, index) => {
            const content = (
              <>
                {item.icon}
                {item.label}
              </>
            );
            const danger = 'danger' in item && item.danger;
            const className = cx(
              'flex min-h-8 cursor-pointer items-center gap-2 rounded-sm px-2 text-sm outline-none select-none data-[disabled]:cursor-not-allowed data-[disabled]:opacity-50 data-[highlighted]:bg-hover [&_svg]:size-4',
              danger && 'text-danger',
            );
            return 'href' in item ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: the list of actions is fixed
              <DropdownMenu.Item key={index} asChild className={className}>
                <a href={item.href} download={item.download || undefined}>
                  {content}
                </a>
              </DropdownMenu.Item>
            ) : (
              <DropdownMenu.Item
                // biome-ignore lint/suspicious/noArrayIndexKey: the list of actions is fixed
                key={index}
                disabled={item.disabled ?? false}
                onSelect={item.onSelect}
                className={className}
              >
                {content}
              </DropdownMenu.Item>
            );
          })}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
