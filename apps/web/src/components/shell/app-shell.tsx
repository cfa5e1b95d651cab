'use client';

import { type ReactNode, useCallback, useState } from 'react';
import { useLiveUpdates } from '@/lib/live.ts';
import { CommandPalette } from './command-palette.tsx';
import { Rail } from './rail.tsx';
import { ServiceBanner } from './service-banner.tsx';
import { ShortcutHelp } from './shortcut-help.tsx';
import { TopBar } from './top-bar.tsx';
import { useShortcuts } from './use-shortcuts.ts';

/** What surrounds every signed-in page: rail, top bar, command palette, shortcuts, and the stream of changes. */
export function AppShell({ children }: { children: ReactNode }) {
  const { connected } = useLiveUpdates();
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [helpOpen, setHelpOpen] = useState(false);
  const openPalette = useCallback(() => setPaletteOpen(true), []);
  const openHelp = useCallback(() => setHelpOpen(true), []);
  useShortcuts({ onPalette: openPalette, onHelp: openHelp });
  return (
    <div className="flex min-h-dvh">
      <a
        href="#content"
        className="sr-only rounded-md bg-accent text-accent-fg focus:not-sr-only focus:px-3 focus:py-2 focus:fixed focus:top-2 focus:left-2 focus:z-50"
      >
        Skip to content
      </a>
      <Rail onHelp={openHelp} />
      <div className="flex min-w-0 flex-1 flex-col">
        <TopBar connected={connected} onSearch={openPalette} />
        <ServiceBanner />
        <main id="content" tabIndex={-1} className="flex-1 px-4 pt-5 pb-10 focus:outline-none max-md:pb-24 md:px-6">
          {children}
        </main>
      </div>
      <CommandPalette open={paletteOpen} onOpenChange={setPaletteOpen} />
      <ShortcutHelp open={helpOpen} onOpenChange={setHelpOpen} />
    </div>
  );
}
