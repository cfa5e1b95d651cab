'use client';

import { type RefObject, useEffect, useRef } from 'react';
import { isOverlayOpen, isTyping } from './shell/use-shortcuts.ts';

/** `j` and `k` go to the next and previous row of a table by its first link, which Enter opens; Esc lets go of it. */
export function useRowKeys(): RefObject<HTMLTableSectionElement | null> {
  const body = useRef<HTMLTableSectionElement>(null);
  useEffect(() => {
    function handle(event: KeyboardEvent) {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || isOverlayOpen() || !body.current) return;
      const links = [...body.current.rows].flatMap((row) => row.querySelector('a') ?? []);
      const place = links.findIndex((link) => link.closest('tr')!.contains(document.activeElement));
      if (event.key === 'Escape' && place >= 0) (document.activeElement as HTMLElement).blur();
      if (event.key !== 'j' && event.key !== 'k') return;
      event.preventDefault();
      const next = event.key === 'j' ? place + 1 : place < 0 ? links.length - 1 : place - 1;
      links[next]?.focus();
    }
    window.addEventListener('keydown', handle);
    return () => window.removeEventListener('keydown', handle);
  }, []);
  return body;
}
