'use client';

import { Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { cx } from '@/lib/cx.ts';
import { useUrlParams } from '@/lib/use-url-params.ts';
import { CONTROL } from './field.tsx';

type SearchInputProps = {
  label: string;
  param?: string;
  /** Parameters that mean nothing after another search, such as the page. */
  clears?: readonly string[];
  className?: string;
};

const NONE: readonly string[] = [];

/** A search that lives in the URL. The key `/` goes to it, Esc empties it. */
export function SearchInput({ label, param = 'q', clears = NONE, className }: SearchInputProps) {
  const [params, change] = useUrlParams();
  const committed = params.get(param) ?? '';
  const [text, setText] = useState(committed);
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (text === committed) return;
    const timer = setTimeout(() => {
      change({ ...Object.fromEntries(clears.map((name) => [name, null])), [param]: text });
    }, 200);
    return () => clearTimeout(timer);
  }, [text, committed, param, clears, change]);

  return (
    <div className={cx('relative w-64 max-w-full', className)}>
      <Search
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-faint"
      />
      <input
        ref={input}
        type="search"
        data-search
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          setText('');
          input.current?.blur();
        }}
        className={cx(CONTROL, 'h-8 pr-2 pl-8 [&::-webkit-search-cancel-button]:hidden')}
      />
    </div>
  );
}
