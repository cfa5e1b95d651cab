'use client';

import { Dialog } from '../dialog.tsx';
import { Kbd } from '../kbd.tsx';
import { PAGES } from './pages.ts';

const SHORTCUTS: { keys: string[]; does: string }[] = [
  { keys: ['Ctrl', 'K'], does: 'Search, or go to a page' },
  ...PAGES.map(({ label, key }) => ({ keys: ['g', key], does: `Go to ${label}` })),
  { keys: ['/'], does: 'Search in this list' },
  { keys: ['j'], does: 'Next row' },
  { keys: ['k'], does: 'Previous row' },
  { keys: ['Enter'], does: 'Open the row' },
  { keys: ['Esc'], does: 'Close' },
  { keys: ['?'], does: 'This list' },
];

export function ShortcutHelp({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard shortcuts">
      <dl>
        {SHORTCUTS.map(({ keys, does }) => (
          <div key={does} className="flex min-h-8 items-center justify-between gap-4 border-b text-sm last:border-0">
            <dt className="text-muted">{does}</dt>
            <dd className="flex gap-1">
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
