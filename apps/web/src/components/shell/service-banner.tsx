'use client';

import { SERVICE_NAMES, type ServiceName } from '@touchstone/schemas';
import Link from 'next/link';
import { formatClock } from '@/lib/format.ts';
import { errorMessage } from '@/lib/trpc.tsx';
import { useStatus } from '@/lib/use-status.ts';
import { Notice } from '../notice.tsx';

/** Without MLflow everything goes on, and what it is to be told is kept: that is no news for every page. */
const MATTERS: readonly ServiceName[] = SERVICE_NAMES.filter((name) => name !== 'mlflow');

/** On every page: what does not work, since when, and what that means. */
export function ServiceBanner() {
  const status = useStatus();
  // What the server says when it answers at all; where it does not, the top bar says so.
  if (status.error?.data) return <Banner tone="danger">{errorMessage(status.error)}</Banner>;
  if (!status.data) return null;
  const { services } = status.data;
  return MATTERS.filter((name) => services[name].state === 'down' || services[name].state === 'degraded').map(
    (name) => {
      const { state, detail, since } = services[name];
      return (
        <Banner key={name} tone={state === 'down' ? 'danger' : 'warn'}>
          {detail} {since && <span className="text-muted">Since {formatClock(since)}. </span>}
          <Link href="/settings#services" className="link whitespace-nowrap">
            What to do
          </Link>
        </Banner>
      );
    },
  );
}

function Banner({ tone, children }: { tone: 'warn' | 'danger'; children: React.ReactNode }) {
  return (
    <div className="px-4 pt-3 md:px-6">
      <Notice tone={tone}>{children}</Notice>
    </div>
  );
}
