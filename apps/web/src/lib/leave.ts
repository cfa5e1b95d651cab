import { useRouter } from 'next/navigation';
import { useCallback } from 'react';

/** Sent before a shortcut or the command palette leaves the page; who has something unsaved prevents it and asks. `detail`: where to. */
export const LEAVE = 'touchstone:leave';

/** Goes to a page of ours, unless the one that is shown has something unsaved. */
export function useLeave(): (href: string) => void {
  const router = useRouter();
  return useCallback(
    (href) => {
      if (window.dispatchEvent(new CustomEvent(LEAVE, { cancelable: true, detail: href }))) router.push(href);
    },
    [router],
  );
}
