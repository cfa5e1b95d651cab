/** How numbers, times and sizes read: three significant digits with their unit; the exact value goes into a `title`. */

import { MOST_COUNTED } from '@touchstone/schemas';

export const NONE = '–';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 20 });
const threeDigits = new Intl.NumberFormat('en-US', { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
const upToThreeDigits = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

/** `0.412`, `12.3`, `1,230`; a whole number below 1,000 stays as it is. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  return (Number.isInteger(value) && Math.abs(value) < 1000 ? upToThreeDigits : threeDigits).format(value);
}

/** A metric's value: always three digits, so that columns line up (`0.500`, `12.0`). */
export function formatScore(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  return value === 0 ? '0' : threeDigits.format(value);
}

const tick = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

/** A round number on an axis: `0.2`, not `0.200`. */
export function formatTick(value: number): string {
  return tick.format(value);
}

/** How many of something: every digit, grouped. */
export function formatCount(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : grouped.format(value);
}

/** `12`, or `1,000+` where counting ended. */
export function formatBounded(count: number, most = MOST_COUNTED): string {
  return count > most ? `${formatCount(most)}+` : formatCount(count);
}

/** `1 row`, `2,000 rows`. */
export function formatCounted(value: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(value)} ${value === 1 ? singular : plural}`;
}

/** The value as it is, for a `title`. */
export function exact(value: number | null | undefined, unit = ''): string | undefined {
  if (value === null || value === undefined || !Number.isFinite(value)) return undefined;
  return unit ? `${grouped.format(value)} ${unit}` : grouped.format(value);
}

/** A fraction as `41.2 %`. */
export function formatPercent(fraction: number | null | undefined): string {
  if (fraction === null || fraction === undefined || !Number.isFinite(fraction)) return NONE;
  return `${formatNumber(fraction * 100)} %`;
}

/** Seconds as `412 ms`, `1.23 s`, `12.3 s`, `2 min 05 s`, `1 h 02 min`, `3 d 4 h`. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NONE;
  if (seconds < 0) return `−${formatDuration(-seconds)}`;
  if (seconds === 0) return '0 s';
  if (seconds < 0.9995) return `${upToThreeDigits.format(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${threeDigits.format(seconds)} s`;
  const whole = Math.round(seconds);
  const pad = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Milliseconds as a duration. */
export function formatMs(ms: number | null | undefined): string {
  return formatDuration(ms === null || ms === undefined ? null : ms / 1000);
}

/** Seconds on a clock that ticks: `7 s`, `1 min 07 s`. */
export function formatElapsed(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NONE;
  const whole = Math.max(0, Math.floor(seconds));
  return whole < 60 ? `${whole} s` : formatDuration(whole);
}

/** Rows a second. */
export function formatRate(rowsPerSecond: number | null | undefined): string {
  if (rowsPerSecond === null || rowsPerSecond === undefined) return NONE;
  return `${formatNumber(rowsPerSecond)} rows/s`;
}

/** US dollars: `$0.00123`, `$12.30`, `$1,230`. */
export function formatMoney(dollars: number | null | undefined): string {
  if (dollars === null || dollars === undefined || !Number.isFinite(dollars)) return NONE;
  if (dollars === 0) return '$0';
  const text = Math.abs(dollars) >= 10 && Math.abs(dollars) < 100 ? dollars.toFixed(2) : threeDigits.format(dollars);
  return dollars < 0 ? `−$${text.replace(/^[-−]/, '')}` : `$${text}`;
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `812 B`, `12.3 kB`, `4.56 MB` (1 kB = 1,000 B). */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return NONE;
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : threeDigits.format(value)} ${BYTE_UNITS[unit]}`;
}

const dayAndMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayMonthYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const fullTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'medium' });

/** `just now`, `12 min ago`, `3 h ago`, `yesterday`, `4 d ago`, `12 Nov`, `12 Nov 2024`. */
export function formatRelative(timestamp: string | null | undefined, now: Date = new Date()): string {
  if (!timestamp) return NONE;
  const then = new Date(timestamp);
  const seconds = (now.getTime() - then.getTime()) / 1000;
  if (seconds < 45) return 'just now';
  if (seconds < 45 * 60) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 23.5 * 3600) return `${Math.max(1, Math.round(seconds / 3600))} h ago`;
  const days = Math.round(seconds / 86_400);
  if (days <= 1) return 'yesterday';
  if (days < 7) return `${days} d ago`;
  return (then.getFullYear() === now.getFullYear() ? dayAndMonth : dayMonthYear).format(then);
}

/** `24 Dec 2026`. */
export function formatDay(timestamp: string): string {
  return dayMonthYear.format(new Date(timestamp));
}

/** Date and time in full, for a `title`. */
export function formatTime(timestamp: string | null | undefined): string | undefined {
  return timestamp ? fullTime.format(new Date(timestamp)) : undefined;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockAndDay = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/** `14:03`; of another day `12 Nov, 14:03`. */
export function formatClock(timestamp: string, now: Date = new Date()): string {
  const then = new Date(timestamp);
  return (then.toDateString() === now.toDateString() ? clock : clockAndDay).format(then);
}

const clockWithSeconds = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** `14:03:20`, of Unix time in seconds. */
export function formatTimeOfDay(seconds: number): string {
  return clockWithSeconds.format(new Date(seconds * 1000));
}

/** Seconds between two timestamps; where it has not ended, until `now`. */
export function secondsBetween(
  start: string | null | undefined,
  end: string | null | undefined,
  now: Date = new Date(),
): number | null {
  if (!start) return null;
  return Math.max(0, ((end ? new Date(end) : now).getTime() - new Date(start).getTime()) / 1000);
}
