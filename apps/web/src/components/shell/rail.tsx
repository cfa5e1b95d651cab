'use client';

import { Keyboard } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { cx } from '@/lib/cx.ts';
import { Logo } from '../logo.tsx';
import { PAGES } from './pages.ts';

const ITEM =
  'flex min-h-8 items-center gap-2.5 rounded-md text-sm font-medium max-md:min-h-12 max-md:flex-auto max-md:flex-col max-md:justify-center max-md:gap-0.5 md:px-2 md:max-lg:justify-center lg:px-2.5';

/** The pages: a rail with words on a wide screen, with icons on a middle one, a bar at the bottom on a narrow one. */
export function Rail({ onHelp }: { onHelp: () => void }) {
  const pathname = usePathname();
  return (
    <nav
      aria-label="Main"
      className="z-20 flex border-line bg-subtle max-md:fixed max-md:inset-x-0 max-md:bottom-0 max-md:border-t md:sticky md:top-0 md:h-dvh md:w-14 md:flex-col md:border-r lg:w-48"
    >
      <Link
        href="/experiments"
        className="flex h-12 items-center gap-2 px-4.5 font-semibold max-md:hidden md:max-lg:justify-center md:max-lg:px-0"
      >
        <Logo className="size-5 shrink-0" />
        <span className="md:max-lg:sr-only">Touchstone</span>
      </Link>
      <div className="flex gap-0.5 px-2 max-md:flex-1 md:flex-col md:pt-2">
        {PAGES.map(({ label, href, icon: Icon }) => {
          const active = pathname === href || pathname.startsWith(`${href}/`);
          return (
            <Link
              key={href}
              href={href}
              title={label}
              aria-current={active ? 'page' : undefined}
              className={cx(ITEM, active ? 'text-fg md:bg-hover' : 'text-muted hover:text-fg md:hover:bg-hover')}
            >
              <Icon aria-hidden className={cx('size-4 shrink-0', active && 'text-accent')} />
              <span className="md:max-lg:sr-only">{label}</span>
            </Link>
          );
        })}
      </div>
      <div className="mt-auto p-2 max-md:hidden">
        <button
          type="button"
          onClick={onHelp}
          title="Keyboard shortcuts"
          className={cx(ITEM, 'w-full text-muted hover:bg-hover hover:text-fg')}
        >
          <Keyboard aria-hidden className="size-4 shrink-0" />
          <span className="md:max-lg:sr-only">Keyboard shortcuts</span>
        </button>
      </div>
    </nav>
  );
}
