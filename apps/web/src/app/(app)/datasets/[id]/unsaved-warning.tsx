'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { ConfirmDialog } from '@/components/confirm-dialog.tsx';
import { formatCounted } from '@/lib/format.ts';
import { LEAVE } from '@/lib/leave.ts';
import { askBeforeTraversal } from './traversal.ts';

/** Asks before changed cells that are not saved are lost: by a link, a shortcut, the browser's Back, or with the tab. */
export function UnsavedWarning({ count }: { count: number }) {
  const router = useRouter();
  const [wanted, setWanted] = useState<{ leave: () => void } | null>(null);
  useEffect(() => {
    if (count === 0) return;
    const ask = (leave: () => void) => setWanted({ leave });
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    const onClick = (event: MouseEvent) => {
      const href = leadsAway(event);
      if (href === null) return;
      event.preventDefault();
      event.stopPropagation();
      ask(() => router.push(href));
    };
    window.addEventListener('beforeunload', onUnload);
    const onLeave = (event: Event) => {
      const href = (event as CustomEvent<string>).detail;
      if (new URL(href, window.location.href).pathname === window.location.pathname) return;
      event.preventDefault();
      ask(() => router.push(href));
    };
    window.addEventListener(LEAVE, onLeave);
    // Before the link itself, which would go there.
    document.addEventListener('click', onClick, { capture: true });
    const stopAsking = askBeforeTraversal(ask);
    return () => {
      window.removeEventListener('beforeunload', onUnload);
      window.removeEventListener(LEAVE, onLeave);
      document.removeEventListener('click', onClick, { capture: true });
      stopAsking();
    };
  }, [count, router]);
  return (
    <ConfirmDialog
      open={wanted !== null}
      onOpenChange={(open) => !open && setWanted(null)}
      title="Leave without saving?"
      action="Leave without saving"
      onConfirm={() => {
        setWanted(null);
        wanted?.leave();
      }}
    >
      {formatCounted(count, 'changed cell is', 'changed cells are')} not saved yet and would be lost. Stay to save{' '}
      {count === 1 ? 'it' : 'them'} as a new version.
    </ConfirmDialog>
  );
}

/** Where a click leads, if that is another page of ours in this tab. */
function leadsAway(event: MouseEvent): string | null {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link?.href || link.target === '_blank' || link.hasAttribute('download')) return null;
  const { origin, pathname, search } = new URL(link.href);
  return origin === window.location.origin && pathname !== window.location.pathname ? pathname + search : null;
}
