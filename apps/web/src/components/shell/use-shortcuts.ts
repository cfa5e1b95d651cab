'use client';

import { useEffect, useRef } from 'react';
import { useLeave } from '@/lib/leave.ts';
import { PAGES } from './pages.ts';

/** How long after `g` the next key still counts. */
const SEQUENCE_MS = 1000;

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

export function isOverlayOpen(): boolean {
  return document.querySelector('[role="dialog"], [role="menu"]') !== null;
}

/** `Ctrl K`, `?`, `/`, and `g` followed by a page's letter; none of them while one types or a dialog is open. */
export function useShortcuts({ onPalette, onHelp }: { onPalette: () => void; onHelp: () => void }): void {
  const leaveFor = useLeave();
  const goPressedAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    function handle(event: KeyboardEvent) {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        if (!isOverlayOpen()) onPalette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (isOverlayOpen()) return;
      const page = PAGES.find(({ key }) => key === event.key);
      if (event.timeStamp - goPressedAt.current < SEQUENCE_MS && page) {
        goPressedAt.current = Number.NEGATIVE_INFINITY;
        event.preventDefault();
        event.stopImmediatePropagation();
        return leaveFor(page.href);
      }
      if (event.key === 'g') goPressedAt.current = event.timeStamp;
      else if (event.key === '?') onHelp();
      else if (event.key === '/') {
        const search = document.querySelector<HTMLInputElement>('[data-search]');
        if (!search) return;
        event.preventDefault();
        search.focus();
        search.select();
      }
    }
    // Before the listeners of pages, for which `j` after `g` is not "next row".
    window.addEventListener('keydown', handle, { capture: true });
    return () => window.removeEventListener('keydown', handle, { capture: true });
  }, [leaveFor, onPalette, onHelp]);
}
