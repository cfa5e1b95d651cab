'use client';

import Link from 'next/link';
import { usePathname, useSearchParams } from 'next/navigation';
import type { ReactNode } from 'react';
import { cx } from '@/lib/cx.ts';

type TabsProps<T extends string> = {
  /** What the tabs switch, for screen readers. */
  label: string;
  tabs: readonly { value: T; label: ReactNode }[];
  current: T;
  /** The URL's parameter that holds the tab; the first tab is its absence. */
  param?: string;
};

/** Tabs are links: the tab is in the URL, so it can be shared, opened beside, and gone back to. */
export function Tabs<T extends string>({ label, tabs, current, param = 'tab' }: TabsProps<T>) {
  const pathname = usePathname();
  const search = useSearchParams();
  return (
    <nav aria-label={label} className="flex gap-5 overflow-x-auto border-b">
      {tabs.map((tab, index) => {
        const query = new URLSearchParams(search);
        if (index === 0) query.delete(param);
        else query.set(param, tab.value);
        const active = tab.value === current;
        return (
          <Link
            key={tab.value}
            href={query.size ? `${pathname}?${query}` : pathname}
            scroll={false}
            aria-current={active ? 'page' : undefined}
            className={cx(
              '-mb-px flex h-9 shrink-0 items-center border-b-2 text-sm font-medium focus-visible:-outline-offset-2',
              active ? 'border-accent text-fg' : 'border-transparent text-muted hover:text-fg',
            )}
          >
            {tab.label}
          </Link>
        );
      })}
    </nav>
  );
}

/** The tab that the URL names, or the first. */
export function useTab<T extends string>(values: readonly [T, ...T[]], param = 'tab'): T {
  const value = useSearchParams().get(param);
  return values.find((candidate) => candidate === value) ?? values[0];
}
