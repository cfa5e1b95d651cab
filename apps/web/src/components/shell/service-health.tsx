'use client';

import { SERVICE_NAMES } from '@touchstone/schemas';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { buttonClass } from '@/components/button.tsx';
import { SERVICE_LABELS, worstService } from '@/lib/services.ts';
import { useStatus } from '@/lib/use-status.ts';
import { Popover, PopoverClose } from '../popover.tsx';
import { StateBadge, stateWord } from '../state-badge.tsx';

/** Whether everything the work needs is there; what is not, by name. */
export function ServiceHealth({ connected }: { connected: boolean }) {
  const { data, error } = useStatus();
  const disconnected = useForAWhile(!connected);
  if (disconnected) return <StateBadge state="starting" word="Reconnecting" className="px-2 text-sm" />;
  // The server answers, and cannot say how it is: the banner has its words.
  if (error?.data) return <StateBadge state="down" word="Not available" className="px-2 text-sm" />;
  if (!data) return null;
  const worst = worstService(data.services);
  const words = worst.names.length
    ? `${worst.names.map((name) => SERVICE_LABELS[name]).join(', ')} ${stateWord(worst.state).toLowerCase()}`
    : 'All services OK';
  return (
    <Popover
      label="Services"
      trigger={
        <button type="button" className={buttonClass('ghost', 'px-2')} title={words}>
          <StateBadge state={worst.state} iconOnly />
          <span className={worst.names.length ? 'max-sm:sr-only' : 'sr-only'}>{words}</span>
        </button>
      }
    >
      <ul className="px-4 py-2 text-sm">
        {SERVICE_NAMES.map((name) => {
          const { state, detail } = data.services[name];
          return (
            <li key={name} className="py-1.5">
              <div className="flex justify-between gap-4">
                <span className="font-medium">{SERVICE_LABELS[name]}</span>
                <StateBadge state={state} />
              </div>
              {state !== 'ok' && detail && <p className="mt-0.5 text-muted">{detail}</p>}
            </li>
          );
        })}
      </ul>
      <p className="border-t px-4 py-2 text-sm">
        <PopoverClose asChild>
          <Link href="/settings#services" className="link">
            Details in Settings
          </Link>
        </PopoverClose>
      </p>
    </Popover>
  );
}

/** True once `condition` has held for three seconds: a stream that opens anew is no news. */
function useForAWhile(condition: boolean): boolean {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (!condition) return setHeld(false);
    const timer = setTimeout(() => setHeld(true), 3000);
    return () => clearTimeout(timer);
  }, [condition]);
  return held;
}
