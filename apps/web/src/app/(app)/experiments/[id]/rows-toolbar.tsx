import type { Experiment, RowFilter, RowFilterCounts, RowPair } from '@touchstone/schemas';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '@/components/button.tsx';
import { SearchInput } from '@/components/search-input.tsx';
import { Select } from '@/components/select.tsx';
import { cx } from '@/lib/cx.ts';
import { formatCount } from '@/lib/format.ts';
import { ModelName } from '../model-name.tsx';
import { PAGE_SIZE, type RowsState, rowMetrics } from './rows-state.ts';
import { CLIP_LINES } from './use-clip-lines.ts';

const FILTERS: readonly { value: RowFilter; label: string; description: string }[] = [
  { value: 'all', label: 'All', description: 'Every row of the sample' },
  { value: 'failed', label: 'Failed', description: 'Rows that failed for at least one model' },
  { value: 'disagree', label: 'Models disagree', description: 'Rows that not all models answered alike' },
];

/** Where one is in the rows. */
const PLACE = ['offset', 'row'] as const;

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
    <div className="space-y-2">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <SearchInput label="Search in texts" clears={PLACE} className="w-56" />
        <FilterGroup label="Filter rows">
          {FILTERS.map(({ value, label, description }) => (
            <FilterButton
              key={value}
              isOn={state.filter === value}
              title={description}
              count={counts?.[value]}
              onClick={() => onChange({ filter: value === 'all' ? null : value })}
            >
              {label}
            </FilterButton>
          ))}
        </FilterGroup>
        {state.metric && (
          <Select
            aria-label="Scores shown"
            className="w-44"
            value={state.metric.name}
            options={metrics.map(({ name, label }) => ({ value: name, label }))}
            onChange={(name) => onChange({ metric: name === metrics[0]!.name ? null : name })}
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
        <AgainstSelect experiment={experiment} value={state.against} onChange={(against) => onChange({ against })} />
        <div className="ml-auto">{pager}</div>
      </div>
      {state.pair && (
        <PairFilters experiment={experiment} pair={state.pair} state={state} counts={counts} onChange={onChange} />
      )}
    </div>
  );
}

function FilterGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row of buttons
    <div role="group" aria-label={label} className="flex min-w-0 flex-wrap items-center gap-1">
      {children}
    </div>
  );
}

type FilterButtonProps = {
  isOn: boolean;
  title: string;
  /** Undefined until it is known. */
  count: number | undefined;
  onClick: () => void;
  children: ReactNode;
};

function FilterButton({ isOn, title, count, onClick, children }: FilterButtonProps) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      title={title}
      onClick={onClick}
      className={cx(
        'inline-flex h-8 min-w-0 items-center gap-1.5 rounded-md px-2.5 text-sm font-medium whitespace-nowrap',
        isOn ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-hover hover:text-fg',
      )}
    >
      {children} {count !== undefined && <span className="font-normal">{formatCount(count)}</span>}
    </button>
  );
}

type AgainstSelectProps = {
  experiment: Experiment;
  value: RowsState['against'];
  onChange: (against: string | null) => void;
};

/** Marks the words in which answers differ from the reference, or from another model's answer. */
function AgainstSelect({ experiment, value, onChange }: AgainstSelectProps) {
  const { workflows, reference_column } = experiment;
  return (
    <Select
      aria-label="Mark words that differ"
      className="w-52"
      value={value ?? ''}
      options={[
        { value: '', label: 'No words marked' },
        ...(reference_column === null ? [] : [{ value: 'reference', label: 'Differs from the reference' }]),
        ...(workflows.length > 1
          ? workflows.map(({ id, name }) => ({ value: id, label: `Differs from ${name}` }))
          : []),
      ]}
      onChange={(against) => onChange(against || null)}
    />
  );
}

type PairFiltersProps = Pick<RowsToolbarProps, 'experiment' | 'state' | 'counts' | 'onChange'> & { pair: RowPair };

/** The rows on which one of two models was better; which two, where there are more. */
function PairFilters({ experiment, pair, state, counts, onChange }: PairFiltersProps) {
  const { workflows, metrics } = experiment;
  const { label } = metrics.find(({ name }) => name === pair.metric)!;
  const modelOf = (id: string) => workflows.find((workflow) => workflow.id === id)!;
  const choose = (side: 'a' | 'b', id: string) => {
    const other = side === 'a' ? 'b' : 'a';
    // The same model twice is no pair: then they change places.
    const next = pair[other] === id ? { a: pair.b, b: pair.a } : { ...pair, [side]: id };
    onChange({ pair: `${next.a}.${next.b}` });
  };
  const options = workflows.map(({ id, name }) => ({ value: id, label: name }));
  const sides = [
    { filter: 'a_better', better: modelOf(pair.a), worse: modelOf(pair.b) },
    { filter: 'b_better', better: modelOf(pair.b), worse: modelOf(pair.a) },
  ] as const;
  return (
    <FilterGroup label={`Rows on which one of two models has the better ${label}`}>
      {workflows.length > 2 && (
        <>
          <Select
            aria-label="One model"
            className="w-44"
            value={pair.a}
            options={options}
            onChange={(id) => choose('a', id)}
          />
          <Select
            aria-label="The other model"
            className="w-44"
            value={pair.b}
            options={options}
            onChange={(id) => choose('b', id)}
          />
        </>
      )}
      {sides.map(({ filter, better, worse }) => (
        <FilterButton
          key={filter}
          isOn={state.filter === filter}
          title={`Rows on which ${better.name} has a better ${label} than ${worse.name}`}
          count={counts?.[filter]}
          onClick={() => onChange({ filter: state.filter === filter ? null : filter })}
        >
          <ModelName position={better.position} name={better.name} className="max-w-40" />
          {workflows.length === 2 ? 'better' : <span className="max-w-60 truncate">beats {worse.name}</span>}
        </FilterButton>
      ))}
    </FilterGroup>
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
