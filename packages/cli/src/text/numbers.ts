import type { Interval, Metric } from '@touchstone/schemas';

/** Three decimals on a scale of 0–1, one on any other. */
export function formatMetric({ range }: Pick<Metric, 'range'>, value: number | null): string {
  return value === null ? '–' : value.toFixed(range[1] === 1 ? 3 : 1);
}

/** ` ±0.021`: half of the interval's width; nothing where there is no interval. */
export function formatInterval(metric: Pick<Metric, 'range'>, interval: Interval | null): string {
  return interval ? ` ±${formatMetric(metric, (interval.high - interval.low) / 2)}` : '';
}

export function formatSeconds(seconds: number | null): string {
  if (seconds === null) return '–';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function formatMilliseconds(ms: number | undefined): string {
  if (ms === undefined) return '–';
  if (ms < 0.1) return '<0.1 ms';
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10_000 ? `${Math.round(ms)} ms` : formatSeconds(ms / 1000);
}

/** Three significant digits; – where unknown. */
export function formatDollars(dollars: number | null): string {
  if (dollars === null) return '–';
  return `$${dollars >= 100 ? dollars.toFixed(0) : Number(dollars.toPrecision(3))}`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** `2025-03-02 14:05` in the person's time zone. */
export function formatTime(timestamp: string | null): string {
  if (timestamp === null) return '–';
  const time = new Date(timestamp);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** `14:03:20`, of Unix time in seconds. */
export function formatTimeOfDay(seconds: number): string {
  return new Date(seconds * 1000).toTimeString().slice(0, 8);
}

/** `1 row`, `2 rows` */
export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
