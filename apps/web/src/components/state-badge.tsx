import type { JobStatus, RunStatus, ServiceState } from '@touchstone/schemas';
import { CircleAlert, CircleCheck, CircleDashed, CircleStop, CircleX, Hourglass, LoaderCircle } from 'lucide-react';
import type { ComponentType } from 'react';
import { cx } from '@/lib/cx.ts';

export type State = RunStatus | JobStatus | ServiceState;

type Look = {
  word: string;
  icon: ComponentType<{ className?: string; 'aria-hidden'?: boolean }>;
  color: string;
  spins?: boolean;
};

const LOOKS: Record<State, Look> = {
  created: { word: 'Queued', icon: CircleDashed, color: 'text-muted' },
  pending: { word: 'Waiting', icon: Hourglass, color: 'text-muted' },
  running: { word: 'Running', icon: LoaderCircle, color: 'text-accent', spins: true },
  succeeded: { word: 'Succeeded', icon: CircleCheck, color: 'text-ok' },
  partial: { word: 'Partial', icon: CircleAlert, color: 'text-warn' },
  failed: { word: 'Failed', icon: CircleX, color: 'text-danger' },
  stopped: { word: 'Stopped', icon: CircleStop, color: 'text-muted' },
  ok: { word: 'OK', icon: CircleCheck, color: 'text-ok' },
  degraded: { word: 'Needs care', icon: CircleAlert, color: 'text-warn' },
  starting: { word: 'Starting', icon: LoaderCircle, color: 'text-accent', spins: true },
  down: { word: 'Down', icon: CircleX, color: 'text-danger' },
};

export function stateWord(state: State): string {
  return LOOKS[state].word;
}

type StateBadgeProps = {
  state: State;
  /** Instead of the state's own word: "Stopping". */
  word?: string;
  /** The word is read out, not shown. */
  iconOnly?: boolean;
  className?: string;
};

/** A state as icon and word. */
export function StateBadge({ state, word, iconOnly, className }: StateBadgeProps) {
  const look = LOOKS[state];
  const Icon = look.icon;
  return (
    <span
      className={cx('inline-flex items-center gap-1.5 align-top whitespace-nowrap', className)}
      title={iconOnly ? look.word : undefined}
    >
      <Icon
        aria-hidden
        className={cx('size-4 shrink-0', look.color, look.spins && 'animate-spin [animation-duration:2s]')}
      />
      <span className={iconOnly ? 'sr-only' : undefined}>{word ?? look.word}</span>
    </span>
  );
}
