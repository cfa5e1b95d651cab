'use client';

import Link from 'next/link';
import { Fragment, type ReactNode, useEffect, useState } from 'react';
import { createPortal } from 'react-dom';

export type Crumb = { label: string; href: string };

type PageHeaderProps = {
  title: string;
  /** The pages above this one. */
  breadcrumb?: readonly Crumb[];
  /** A line of facts: state, dataset, rows. */
  meta?: ReactNode;
  /** At the right; the last one is the page's primary action. */
  actions?: ReactNode;
};

/** The page's heading, the browser tab's title, and the breadcrumb in the top bar. */
export function PageHeader({ title, breadcrumb = [], meta, actions }: PageHeaderProps) {
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 pb-4">
      <title>{`${title} · Touchstone`}</title>
      <Breadcrumb crumbs={breadcrumb} title={title} />
      <div className="min-w-0 flex-1 basis-64">
        <h1 className="text-lg leading-8 font-semibold break-words">{title}</h1>
        {meta && <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-muted">{meta}</div>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}

export const BREADCRUMB_ID = 'breadcrumb';

function Breadcrumb({ crumbs, title }: { crumbs: readonly Crumb[]; title: string }) {
  const [place, setPlace] = useState<HTMLElement | null>(null);
  useEffect(() => setPlace(document.getElementById(BREADCRUMB_ID)), []);
  if (!place) return null;
  return createPortal(
    <ol className="flex min-w-0 items-center gap-2 text-sm">
      {crumbs.map((crumb, index) => (
        <Fragment key={crumb.href}>
          {/* The section stays whole; names of things give way. */}
          <li className={index === 0 ? 'shrink-0' : 'min-w-0 truncate'}>
            <Link href={crumb.href} className="text-muted hover:text-fg">
              {crumb.label}
            </Link>
          </li>
          <li aria-hidden className="text-line-strong">
            /
          </li>
        </Fragment>
      ))}
      <li aria-current="page" className="truncate">
        {title}
      </li>
    </ol>,
    place,
  );
}
