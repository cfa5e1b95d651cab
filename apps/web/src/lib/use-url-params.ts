'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback } from 'react';

/** The URL's parameters, and a way to change some of them in place: null takes one away. */
export function useUrlParams() {
  const params = useSearchParams();
  const change = useCallback((changes: Record<string, string | null>) => {
    const next = new URLSearchParams(window.location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === '') next.delete(name);
      else next.set(name, value);
    }
    window.history.replaceState(null, '', next.size ? `?${next}` : window.location.pathname);
  }, []);
  return [params, change] as const;
}
