'use client';

import { Search } from 'lucide-react';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { cx } from '@/lib/cx.ts';
import { CONTROL } from './field.tsx';

type SearchInputProps = { label: string; param?: string; className?: string };

/** A search that lives in the URL. The key `/` goes to it, Esc empties it. */
export function SearchInput({ label, param = 'q', className }: SearchInputProps) {
  const router = useRouter();
  const pathname = usePathname();
  const search = useSearchParams();
  const committed = search.get(param) ?? '';
  const [text, setText] = useState(committed);
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (text === committed) return;
    const timer = setTimeout(() => {
      const query = new URLSearchParams(search);
      if (text) query.set(param, text);
      else query.delete(param);
      router.replace(query.size ? `${pathname}?${query}` : pathname, { scroll: false });
    }, 200);
    return () => clearTimeout(timer);
  }, [text, committed, search, param, pathname, router]);

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
