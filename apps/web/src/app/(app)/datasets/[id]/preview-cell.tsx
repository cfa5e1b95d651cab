'use client';

import { useEffect, useState } from 'react';
import { Td } from '@/components/table.tsx';
import { cx } from '@/lib/cx.ts';

/** More than about three lines. */
const LONG_CHARACTERS = 180;
const LONG_LINES = 3;
/** More than three lines hold, so that a browser need not lay out a text of a megabyte to cut it. */
export const CLIPPED_CHARACTERS = 1000;

/** A text up to three lines, or all of it. */
export function PreviewCell({ value, expanded }: { value: string; expanded: boolean }) {
  const [open, setOpen] = useState(expanded);
  useEffect(() => setOpen(expanded), [expanded]);
  const long = value.length > LONG_CHARACTERS || value.split('\n').length > LONG_LINES;
  if (value.trim() === '') {
    return (
      <Td>
        <span className="text-faint italic">blank</span>
      </Td>
    );
  }
  return (
    <Td className={value.length > 40 ? 'min-w-64' : undefined}>
      <p className={cx('max-w-[80ch] [overflow-wrap:anywhere] whitespace-pre-line', long && !open && 'clip-lines-3')}>
        {long && !open ? value.slice(0, CLIPPED_CHARACTERS) : value}
      </p>
      {long && (
        <button
          type="button"
          aria-expanded={open}
          className="-ml-1 h-7 rounded-sm px-1 text-sm text-accent hover:underline"
          onClick={() => setOpen(!open)}
        >
          {open ? 'Show less' : 'Show all'}
        </button>
      )}
    </Td>
  );
}
