'use client';

import { ArrowDown, ArrowUp } from 'lucide-react';
import { type ComponentProps, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { cx } from '@/lib/cx.ts';

type TableProps = ComponentProps<'table'> & {
  /** What it lists, for screen readers. */
  label: string;
  /**
   * `page` (default): scrolls with the page, under a header that stays; too wide for a narrow screen, it scrolls sideways.
   * `box`: scrolls both ways inside its own box, whose height `boxClassName` sets.
   */
  scroll?: 'page' | 'box';
  boxClassName?: string;
};

/** Dense rows with hairlines. */
export function Table({ label, scroll = 'page', boxClassName, className, children, ...props }: TableProps) {
  const [box, scrolls] = useScrolls();
  return (
    <div
      ref={box}
      // What scrolls has to be reachable by keyboard.
      {...(scrolls && { role: 'group', 'aria-label': `${label}, scrolls`, tabIndex: 0 })}
      className={cx(
        scroll === 'box' ? 'relative overflow-auto' : 'max-lg:overflow-x-auto lg:[--table-top:var(--top-bar)]',
        boxClassName,
      )}
    >
      <table aria-label={label} className={cx('w-full border-separate border-spacing-0 text-sm', className)} {...props}>
        {children}
      </table>
    </div>
  );
}

/** Whether an element's content is larger than it and scrolls inside it. */
function useScrolls(): [RefObject<HTMLDivElement | null>, boolean] {
  const ref = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const box = ref.current!;
    const observer = new ResizeObserver(() => {
      const larger = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
      setScrolls(larger && getComputedStyle(box).overflowX !== 'visible');
    });
    observer.observe(box);
    observer.observe(box.firstElementChild!);
    return () => observer.disconnect();
  }, []);
  return [ref, scrolls];
}

export function THead({ children }: { children: ReactNode }) {
  return <thead className="sticky top-(--table-top,0px) z-10 bg-canvas">{children}</thead>;
}

export function TBody({ children, ...props }: ComponentProps<'tbody'>) {
  return <tbody {...props}>{children}</tbody>;
}

export function Tr({ className, ...props }: ComponentProps<'tr'>) {
  return <tr className={cx('[tbody>&]:hover:bg-subtle', className)} {...props} />;
}

type ThProps = Omit<ComponentProps<'th'>, 'onClick'> & {
  /** Right-aligned, for numbers. */
  numeric?: boolean;
  /** With `onSort` the header is a button; `sorted` says which way the table is sorted by it. */
  sorted?: 'ascending' | 'descending' | null | undefined;
  onSort?: (() => void) | undefined;
};

/** Heads the column of a row's buttons, which need no words on the screen. */
export function ActionsTh() {
  return (
    <Th>
      <span className="sr-only">Actions</span>
    </Th>
  );
}

export function Th({ numeric, sorted, onSort, className, children, ...props }: ThProps) {
  const Arrow = sorted === 'ascending' ? ArrowUp : ArrowDown;
  return (
    <th
      scope="col"
      aria-sort={sorted ?? undefined}
      className={cx(
        'h-8 border-b px-3 font-medium whitespace-nowrap text-muted first:pl-0 last:pr-0',
        numeric ? 'text-right' : 'text-left',
        className,
      )}
      {...props}
    >
      {onSort ? (
        <button
          type="button"
          onClick={onSort}
          className={cx(
            'group inline-flex h-8 items-center gap-1 hover:text-fg',
            sorted && 'text-fg',
            numeric && 'flex-row-reverse',
          )}
        >
          {children}
          <Arrow aria-hidden className={cx('size-3.5', !sorted && 'opacity-0 group-hover:opacity-50')} />
        </button>
      ) : (
        children
      )}
    </th>
  );
}

export function Td({ numeric, className, ...props }: ComponentProps<'td'> & { numeric?: boolean }) {
  return (
    <td
      className={cx(
        'h-9 border-b px-3 py-1.5 first:pl-0 last:pr-0',
        numeric && 'text-right whitespace-nowrap',
        className,
      )}
      {...props}
    />
  );
}
