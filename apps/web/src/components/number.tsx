'use client';

import { useEffect, useState } from 'react';
import {
  exact,
  formatBytes,
  formatCount,
  formatDuration,
  formatMoney,
  formatMs,
  formatNumber,
  formatRelative,
  formatTime,
  NONE,
} from '@/lib/format.ts';

type Value = number | null | undefined;

/** Three significant digits, the exact value on hover. */
export function Num({ value, unit }: { value: Value; unit?: string }) {
  const text = formatNumber(value);
  return <span title={exact(value, unit)}>{unit && text !== NONE ? `${text} ${unit}` : text}</span>;
}

export function Count({ value }: { value: Value }) {
  return <span>{formatCount(value)}</span>;
}

export function Money({ value }: { value: Value }) {
  return (
    <span title={value === null || value === undefined ? 'Unknown' : `$${exact(value)}`}>{formatMoney(value)}</span>
  );
}

export function Duration({ seconds }: { seconds: Value }) {
  return <span title={exact(seconds, 's')}>{formatDuration(seconds)}</span>;
}

export function Latency({ ms }: { ms: Value }) {
  return <span title={exact(ms, 'ms')}>{formatMs(ms)}</span>;
}

export function Bytes({ value }: { value: Value }) {
  return <span title={exact(value, 'bytes')}>{formatBytes(value)}</span>;
}

/** `12 min ago`, kept current; date and time on hover. */
export function RelativeTime({ value }: { value: string | null | undefined }) {
  const now = useNow(30_000);
  return (
    <time dateTime={value ?? undefined} title={formatTime(value)} className="whitespace-nowrap">
      {formatRelative(value, now)}
    </time>
  );
}

/** The time, renewed every `intervalMs` so that what depends on it is drawn again; null stops it. */
export function useNow(intervalMs: number | null): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    if (intervalMs === null) return;
    const timer = setInterval(() => setNow(new Date()), intervalMs);
    return () => clearInterval(timer);
  }, [intervalMs]);
  return now;
}
