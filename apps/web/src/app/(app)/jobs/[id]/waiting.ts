import type { Job } from '@touchstone/schemas';
import { formatTimeOfDay } from '@/lib/format.ts';

/** What a job that is not over waits for, in plain words; null: nothing. */
export function waitsFor({ status, reason, progress, stop_requested }: Job): string | null {
  if (stop_requested) return null;
  if (status === 'created') {
    return (
      reason ??
      'It waits for room: as many jobs run at once as Ray has room for. It starts by itself, in turn with those of other experiments.'
    );
  }
  if (status === 'pending') return reason ?? 'It was handed to Ray, which is starting it. That takes some seconds.';
  if (status === 'running' && progress?.waiting_for) {
    const { waiting_for, next_call_at } = progress;
    return `It waits for ${waiting_for}.${next_call_at ? ` Next try ${formatTimeOfDay(next_call_at)}.` : ''}`;
  }
  return null;
}
