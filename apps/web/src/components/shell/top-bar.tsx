'use client';

import { Search } from 'lucide-react';
import { Kbd } from '../kbd.tsx';
import { BREADCRUMB_ID } from '../page-header.tsx';
import { RunningWork } from './running-work.tsx';
import { ServiceHealth } from './service-health.tsx';
import { ThemeMenu } from './theme-menu.tsx';

type TopBarProps = { connected: boolean; onSearch: () => void };

/** Where one is, search, and what is going on. */
export function TopBar({ connected, onSearch }: TopBarProps) {
  return (
    <header className="sticky top-0 z-20 flex h-(--top-bar) items-center gap-2 border-b bg-canvas px-4 md:px-6">
      <nav aria-label="Breadcrumb" id={BREADCRUMB_ID} className="min-w-0 flex-1" />
      <button
        type="button"
        onClick={onSearch}
        className="flex h-8 items-center gap-2 rounded-md px-2 text-sm text-muted hover:bg-hover hover:text-fg lg:w-52 lg:border lg:border-line-strong lg:hover:bg-canvas"
      >
        <Search aria-hidden className="size-4" />
        <span className="max-lg:sr-only">Search or go to</span>
        <span className="ml-auto flex gap-0.5 max-lg:hidden" aria-hidden>
          <Kbd>Ctrl</Kbd>
          <Kbd>K</Kbd>
        </span>
      </button>
      <RunningWork />
      <ServiceHealth connected={connected} />
      <ThemeMenu />
    </header>
  );
}
