'use client';

import type { Experiment, Metric, Row, RowCell, Workflow } from '@touchstone/schemas';
import { ArrowDown, ArrowUp, CircleX } from 'lucide-react';
import { memo } from 'react';
import { cx } from '@/lib/cx.ts';
import { exact, formatScore, NONE } from '@/lib/format.ts';
import { ERROR_LABELS } from '../error-words.ts';
import { ModelName } from '../model-name.tsx';
import { DiffText } from './diff-text.tsx';
import { isUnderWay } from './findings.ts';
import { baseText, bestInRow, type RowsState } from './rows-state.ts';

/** Widths in pixels; row number, input and reference stay at the left on a screen that is wide enough. */
const NUMBER_WIDTH = 48;
const INPUT_WIDTH = 240;
const REFERENCE_WIDTH = 200;
const MODEL_WIDTH = 234;

const CELL = 'border-b px-2.5 py-1.5 align-top leading-[18px]';
const HEAD = 'h-9 border-b px-2.5 font-medium';
const STICKY_NUMBER = 'sticky left-0 z-1 bg-inherit';
const STICKY_INPUT = 'bg-inherit lg:sticky lg:left-[48px] lg:z-1';
const STICKY_REFERENCE = 'border-r bg-inherit lg:sticky lg:left-[288px] lg:z-1';

type RowsTableProps = {
  experiment: Experiment;
  /** In the order of the columns. */
  workflows: readonly Workflow[];
  rows: readonly Row[];
  metric: Metric | null;
  lines: number;
  sort: RowsState['sort'];
  /** What the words of the answers are compared with. */
  against: RowsState['against'];
  /** `row_id` of the row that the keyboard is at. */
  active: number | null;
  onActivate: (rowId: number) => void;
  onOpen: (row: Row) => void;
  onSort: ((workflowId: string) => void) | undefined;
};

/** The button that opens a row: what the keyboard moves through. */
export function rowButtonId({ row_id }: Row): string {
  return `row-${row_id}`;
}

/** One line per row, one column per model. */
export function RowsTable(props: RowsTableProps) {
  const { experiment, workflows, rows, metric, lines, sort, against, active, onActivate, onOpen, onSort } = props;
  const { input_column, reference_column } = experiment;
  const sides = NUMBER_WIDTH + INPUT_WIDTH + (reference_column === null ? 0 : REFERENCE_WIDTH);
  return (
    // A box that scrolls has to be reachable by keyboard.
    <section
      aria-label="Rows"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      className="relative max-h-[calc(100dvh-200px)] min-h-80 overflow-auto border-t focus-visible:-outline-offset-2"
    >
      <table
        aria-label="Rows with the answers of all models"
        className="w-full table-fixed border-separate border-spacing-0 text-sm"
        style={{ minWidth: sides + workflows.length * MODEL_WIDTH }}
      >
        <colgroup>
          <col style={{ width: NUMBER_WIDTH }} />
          <col style={{ width: INPUT_WIDTH }} />
          {reference_column !== null && <col style={{ width: REFERENCE_WIDTH }} />}
          {workflows.map(({ id }) => (
            <col key={id} />
          ))}
        </colgroup>
        <thead className="sticky top-0 z-10 bg-canvas">
          <tr className="bg-inherit text-left text-muted">
            <th scope="col" className={cx(HEAD, STICKY_NUMBER)}>
              Row
            </th>
            <th scope="col" className={cx(HEAD, STICKY_INPUT, 'truncate')} title={input_column}>
              Input
            </th>
            {reference_column !== null && (
              <th scope="col" className={cx(HEAD, STICKY_REFERENCE, 'truncate')} title={reference_column}>
                Reference
              </th>
            )}
            {workflows.map((workflow) => (
              <ModelHeader
                key={workflow.id}
                workflow={workflow}
                descending={sort?.workflow_id === workflow.id ? sort.descending : null}
                metric={metric}
                onSort={onSort}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <TableRow
              key={row.row_id}
              row={row}
              isActive={row.row_id === active}
              workflows={workflows}
              hasReference={reference_column !== null}
              metric={metric}
              lines={lines}
              against={against}
              onActivate={onActivate}
              onOpen={onOpen}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

type ModelHeaderProps = {
  workflow: Workflow;
  descending: boolean | null;
  metric: Metric | null;
  onSort: ((workflowId: string) => void) | undefined;
};

function ModelHeader({ workflow, descending, metric, onSort }: ModelHeaderProps) {
  const Arrow = descending === false ? ArrowUp : ArrowDown;
  const name = <ModelName position={workflow.position} name={workflow.name} />;
  return (
    <th
      scope="col"
      aria-sort={descending === null ? undefined : descending ? 'descending' : 'ascending'}
      className={cx(HEAD, 'text-fg')}
    >
      {onSort && metric ? (
        <button
          type="button"
          onClick={() => onSort(workflow.id)}
          title={`Sort by ${metric.label} of ${workflow.name}`}
          className="group/sort flex h-8 w-full min-w-0 items-center gap-1"
        >
          {name}
          <Arrow
            aria-hidden
            className={cx('size-3.5 shrink-0', descending === null && 'opacity-0 group-hover/sort:opacity-50')}
          />
        </button>
      ) : (
        <span className="flex h-8 items-center">{name}</span>
      )}
    </th>
  );
}

type TableRowProps = Pick<RowsTableProps, 'metric' | 'lines' | 'against' | 'onActivate' | 'onOpen'> & {
  row: Row;
  isActive: boolean;
  workflows: readonly Workflow[];
  hasReference: boolean;
};

function TableRow(props: TableRowProps) {
  const { row, isActive, workflows, hasReference, metric, lines, against, onActivate, onOpen } = props;
  const base = baseText(row, against);
  const best = metric ? bestInRow(row.cells, metric) : new Set<string>();
  return (
    <tr
      aria-current={isActive || undefined}
      onClick={() => {
        if (window.getSelection()?.toString()) return;
        document.getElementById(rowButtonId(row))?.focus({ preventScroll: true });
        onOpen(row);
      }}
      className={cx(
        'cursor-pointer scroll-mt-9',
        isActive ? 'bg-[color-mix(in_srgb,var(--accent)_9%,var(--canvas))]' : 'bg-canvas hover:bg-subtle',
      )}
    >
      <td className={cx(CELL, STICKY_NUMBER, isActive && 'shadow-[inset_2px_0_0_var(--accent)]')}>
        <button
          id={rowButtonId(row)}
          type="button"
          aria-label={`Open row ${row.row_id}`}
          onFocus={({ currentTarget }) => {
            onActivate(row.row_id);
            currentTarget.closest('tr')?.scrollIntoView({ block: 'nearest' });
          }}
          onClick={(event) => {
            event.stopPropagation();
            onOpen(row);
          }}
          className="-my-1.5 h-7 min-w-7 text-left text-faint hover:text-accent hover:underline"
        >
          {row.row_id}
        </button>
      </td>
      <td className={cx(CELL, STICKY_INPUT)}>
        <Clipped text={row.input} lines={lines} />
      </td>
      {hasReference && (
        <td className={cx(CELL, STICKY_REFERENCE)}>
          {row.reference ? <Clipped text={row.reference} lines={lines} /> : <span className="text-faint">blank</span>}
        </td>
      )}
      {workflows.map((workflow) => (
        <td key={workflow.id} className={CELL}>
          <Answer
            cell={row.cells.find(({ workflow_id }) => workflow_id === workflow.id)}
            isRunning={isUnderWay(workflow.status)}
            metric={metric}
            isBest={best.has(workflow.id)}
            lines={lines}
            base={workflow.id === against ? null : base}
          />
        </td>
      ))}
    </tr>
  );
}

type AnswerProps = {
  cell: RowCell | undefined;
  isRunning: boolean;
  metric: Metric | null;
  isBest: boolean;
  lines: number;
  /** What the answer's words are compared with. */
  base: string | null;
};

function Answer({ cell, isRunning, metric, isBest, lines, base }: AnswerProps) {
  if (cell?.error) {
    return (
      <div className="flex gap-1.5 text-danger">
        <CircleX aria-hidden className="mt-px size-4 shrink-0" />
        <Clipped text={`${ERROR_LABELS[cell.error.code]}: ${cell.error.message}`} lines={lines} />
      </div>
    );
  }
  if (!cell || cell.prediction === null) {
    return <span className="text-faint">{isRunning ? '…' : 'not run'}</span>;
  }
  const score = metric ? cell.metrics[metric.name] : undefined;
  return (
    <div className="flex items-start gap-3">
      <div className="min-w-0 flex-1">
        {cell.prediction === '' ? (
          <span className="text-faint">empty answer</span>
        ) : (
          <Clipped text={cell.prediction} lines={lines} base={base} />
        )}
      </div>
      {metric && (
        <span
          title={
            score === undefined
              ? 'Not scored'
              : `${metric.label} ${exact(score)}${cell.repeats.length > 1 ? `, mean of ${cell.repeats.length} answers; the first is shown` : ''}`
          }
          className={cx(
            'shrink-0 rounded-sm px-1 text-right',
            isBest ? 'bg-ok-soft font-semibold text-ok' : score === undefined ? 'text-faint' : 'text-muted',
          )}
        >
          {score === undefined ? NONE : formatScore(score)}
          {isBest && <span className="sr-only"> (best of the row)</span>}
        </span>
      )}
    </div>
  );
}

/** Longer texts are not needed for twelve lines of a column. */
const MOST_CHARACTERS = 2000;

/** On one line: line breaks become a sign, so that dialogues do not use up a line per turn. */
const flatten = (text: string) =>
  text
    .slice(0, MOST_CHARACTERS)
    .trim()
    .replace(/\s*\n\s*/g, ' ↵ ');

type ClippedProps = { text: string; lines: number; base?: string | null };

/** A text cut to some lines; with a base, with the words that differ from it marked. */
const Clipped = memo(function Clipped({ text, lines, base = null }: ClippedProps) {
  const clip = {
    className: 'overflow-hidden break-words [-webkit-box-orient:vertical] [display:-webkit-box]',
    style: { WebkitLineClamp: lines },
  };
  if (base !== null) return <DiffText isShort base={flatten(base)} text={flatten(text)} {...clip} />;
  return <div {...clip}>{flatten(text)}</div>;
});
