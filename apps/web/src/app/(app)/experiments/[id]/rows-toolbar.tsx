import { type Experiment, METRICS, type RowFilter, type RowFilterCounts } from '@touchstone/schemas';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '@/components/button.tsx';
import { SearchInput } from '@/components/search-input.tsx';
import { Select } from '@/components/select.tsx';
import { cx } from '@/lib/cx.ts';
import { formatCount } from '@/lib/format.ts';
import { PAGE_SIZE, type RowsState, rowMetrics } from './rows-state.ts';
import { CLIP_LINES } from './use-clip-lines.ts';

const FILTERS: readonly { value: RowFilter; label: string; description: string }[] = [
  { value: 'all', label: 'All', description: 'Every row of the sample' },
  { value: 'failed', label: 'Failed', description: 'Rows that failed for at least one model' },
  { value: 'disagree', label: 'Models disagree', description: 'Rows that not all models answered alike' },
];

type RowsToolbarProps = {
  experiment: Experiment;
  state: RowsState;
  /** Undefined until they are known. */
  counts: RowFilterCounts | undefined;
  lines: number;
  onLines: (lines: number) => void;
  onChange: (changes: Record<string, string | null>) => void;
  pager: ReactNode;
};

export function RowsToolbar({ experiment, state, counts, lines, onLines, onChange, pager }: RowsToolbarProps) {
  const metrics = rowMetrics(experiment);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <SearchInput label="Search in texts" className="w-56" />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row of buttons */}
      <div role="group" aria-label="Filter rows" className="flex gap-1">
        {FILTERS.map(({ value, label, description }) => {
          const isOn = state.filter === value;
          return (
            <button
              key={value}
              type="button"
              aria-pressed={isOn}
              title={description}
              onClick={() => onChange({ filter: value === 'all' ? null : value })}
              className={cx(
                'inline-flex h-8 items-center gap-1.5 rounded-md px-2.5 text-sm font-medium whitespace-nowrap',
                isOn ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-hover hover:text-fg',
              )}
            >
              {label} {counts && <span className="font-normal">{formatCount(counts[value])}</span>}
            </button>
          );
        })}
      </div>
      {state.metric && (
        <Select
          aria-label="Scores shown"
          className="w-44"
          value={state.metric}
          options={metrics.map((metric) => ({ value: metric, label: METRICS[metric].label }))}
          onChange={(metric) => onChange({ metric: metric === metrics[0] ? null : metric })}
        />
      )}
      <Select
        aria-label="Lines per row"
        className="w-28"
        value={String(lines)}
        options={CLIP_LINES.map((count) => ({
          value: String(count),
          label: count === 1 ? '1 line' : `${count} lines`,
        }))}
        onChange={(value) => onLines(Number(value))}
      />
      <div className="ml-auto">{pager}</div>
    </div>
  );
}

type RowsPagerProps = {
  label: string;
  offset: number;
  shown: number;
  matching: number;
  onChange: (offset: number) => void;
};

export function RowsPager({ label, offset, shown, matching, onChange }: RowsPagerProps) {
  return (
    <nav aria-label={label} className="flex items-center gap-1 text-sm text-muted">
      <span className="pr-1 whitespace-nowrap">
        {shown > 0 && `${formatCount(offset + 1)}–${formatCount(offset + shown)} of `}
        {formatCount(matching)}
      </span>
      <IconButton
        label="Previous rows"
        icon={<ChevronLeft aria-hidden />}
        disabled={offset === 0}
        onClick={() => onChange(Math.max(0, offset - PAGE_SIZE))}
      />
      <IconButton
        label="Next rows"
        icon={<ChevronRight aria-hidden />}
        disabled={offset + shown >= matching}
        onClick={() => onChange(offset + PAGE_SIZE)}
      />
    </nav>
  );
}
