'use client';

import { useEffect, useState } from 'react';

export const CLIP_LINES = [1, 2, 3, 4, 6, 8, 12] as const;
const DEFAULT_LINES = 3;
const STORAGE_KEY = 'touchstone.rows.lines';

/** How many lines of a text a row shows: a habit of the person, kept in this browser. */
export function useClipLines(): [number, (lines: number) => void] {
  const [lines, setLines] = useState(DEFAULT_LINES);
  useEffect(() => {
    const kept = Number(window.localStorage.getItem(STORAGE_KEY));
    if (Number.isInteger(kept) && kept >= 1 && kept <= 12) setLines(kept);
  }, []);
  return [
    lines,
    (next) => {
      setLines(next);
      window.localStorage.setItem(STORAGE_KEY, String(next));
    },
  ];
}
