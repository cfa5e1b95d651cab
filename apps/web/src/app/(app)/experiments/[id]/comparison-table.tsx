'use client';

import type { Experiment, Workflow } from '@touchstone/schemas';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { ModelDot } from '@/components/model-dot.tsx';
import { ProgressLine } from '@/components/progress-line.tsx';
import { StateBadge } from '@/components/state-badge.tsx';
import { cx } from '@/lib/cx.ts';
import { formatCount, formatElapsed, formatRate, formatTimeOfDay } from '@/lib/format.ts';
import { useUrlParams } from '@/lib/use-url-params.ts';
import { type Column, comparisonColumns } from './columns.tsx';
import { isUnderWay } from './findings.ts';
import { useComparison } from './use-comparison.ts';
import { WorkflowActions } from './workflow-actions.tsx';

type Order = { key: string; descending: boolean };

/** Workflows in the order of a column; those without a value last. */
function sortWorkflows(workflows: readonly Workflow[], columns: readonly Column[], order: Order | null): Workflow[] {
  const column = columns.find(({ key }) => key === order?.key);
  if (!order || !column) return [...workflows].sort((a, b) => a.position - b.position);
  const sign = order.descending ? -1 : 1;
  return [...workflows].sort((a, b) => {
    const [left, right] = [column.sortValue(a), column.sortValue(b)];
    if (left === null || right === null)
      return Number(left === null) - Number(right === null) || a.position - b.position;
    return sign * (left - right) || a.position - b.position;
  });
}

/** The order is in the URL; without one, the main metric decides, once all are over. */
function useOrder(experiment: Experiment): [Order | null, (key: string) => void] {
  const [params, change] = useUrlParams();
  const [key, direction] = (params.get('sort') ?? '').split('.');
  const byDefault = isUnderWay(experiment.status) ? null : { key: experiment.primary_metric, descending: true };
  const order = key ? { key, descending: direction !== 'asc' } : byDefault;
  const sortBy = (clicked: string) => {
    const descending = order?.key === clicked ? !order.descending : true;
    change({ sort: `${clicked}.${descending ? 'desc' : 'asc'}` });
  };
  return [order, sortBy];
}

const MODEL_COLUMN = 'sticky left-0 z-1 min-w-52 max-w-72 bg-canvas pr-4 text-left max-sm:min-w-36 max-sm:max-w-36';

/** Models down, measurements across; each cell the value and its place on the column's scale. */
export function ComparisonTable({ experiment }: { experiment: Experiment }) {
  const { data } = useComparison(experiment);
  const columns = comparisonColumns(experiment, data?.comparison ?? null);
  const [order, sortBy] = useOrder(experiment);
  return (
    // A box that scrolls has to be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section aria-label="Comparison of the models" tabIndex={0} className="relative overflow-x-auto pb-1">
      <table className="w-full border-separate border-spacing-0 text-sm">
        <caption className="sr-only">
          Models of the experiment with their metrics, rows, latency, tokens and cost
        </caption>
        <thead>
          <tr>
            <th scope="col" className={cx(MODEL_COLUMN, 'border-b pb-1 align-bottom font-medium text-muted')}>
              Model
            </th>
            {columns.map((column) => (
              <ColumnHeader
                key={column.key}
                column={column}
                descending={order?.key === column.key ? order.descending : null}
                onSort={() => sortBy(column.key)}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {sortWorkflows(experiment.workflows, columns, order).map((workflow) => (
            <tr key={workflow.id} className="group">
              <th scope="row" className={cx(MODEL_COLUMN, 'border-b py-2 align-top font-normal group-hover:bg-subtle')}>
                <ModelCell workflow={workflow} experiment={experiment} />
              </th>
              {columns.map((column) => (
                <td
                  key={column.key}
                  className={cx(
                    'border-b px-3 py-2 align-top whitespace-nowrap group-hover:bg-subtle',
                    column.narrow && 'text-right',
                  )}
                >
                  {column.cell(workflow)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

type ColumnHeaderProps = { column: Column; descending: boolean | null; onSort: () => void };

function ColumnHeader({ column, descending, onSort }: ColumnHeaderProps) {
  const Arrow = descending === false ? ArrowUp : ArrowDown;
  const sorted = descending !== null;
  return (
    <th
      scope="col"
      aria-sort={sorted ? (descending ? 'descending' : 'ascending') : undefined}
      className={cx(
        'border-b px-3 pb-1 align-bottom font-normal text-faint',
        column.narrow ? 'text-right' : 'text-left',
      )}
    >
      <button
        type="button"
        onClick={onSort}
        title={column.description}
        className={cx(
          'group/sort inline-flex h-7 items-center gap-1 font-medium whitespace-nowrap hover:text-fg',
          sorted ? 'text-fg' : 'text-muted',
          column.narrow && 'flex-row-reverse',
        )}
      >
        {column.label}
        <Arrow aria-hidden className={cx('size-3.5', !sorted && 'opacity-0 group-hover/sort:opacity-50')} />
      </button>
      <span className="block min-h-[25px] whitespace-nowrap">{column.underLabel}</span>
    </th>
  );
}

function ModelCell({ workflow, experiment }: { workflow: Workflow; experiment: Experiment }) {
  const { name, model, status, position } = workflow;
  return (
    <>
      <span className="flex items-center gap-1.5">
        <ModelDot position={position} />
        <span className="line-clamp-2 font-medium break-words" title={model.base_url ?? model.model}>
          {name}
        </span>
        <span className="-my-1 ml-auto">
          <WorkflowActions workflow={workflow} experiment={experiment} />
        </span>
      </span>
      {isUnderWay(status) ? (
        <Running workflow={workflow} />
      ) : status === 'succeeded' ? (
        <span className="block truncate pl-3.5 text-faint" title={model.model}>
          {model.model === name ? model.base_url : model.model}
        </span>
      ) : (
        <StateBadge state={status} className="pl-3.5" />
      )}
    </>
  );
}

function Running({ workflow }: { workflow: Workflow }) {
  const { name, stage, rows, rows_per_second, seconds, status, jobs, next_call_at } = workflow;
  const done = rows.answered + rows.failed;
  const facts =
    stage === 'evaluation'
      ? ['scoring']
      : done === 0
        ? [status === 'created' ? 'waiting to start' : 'starting']
        : [
            `${formatCount(done)} of ${formatCount(rows.total)}`,
            next_call_at !== null && `waits until ${formatTimeOfDay(next_call_at)}`,
            rows_per_second !== null && formatRate(rows_per_second),
            seconds.total !== null && formatElapsed(seconds.total),
          ];
  return (
    <>
      <ProgressLine
        // What runs again starts its line anew.
        key={jobs.map(({ attempt }) => attempt).join('.')}
        label={`Progress of ${name}`}
        rows={rows}
        className="mt-1"
      />
      <span className="block truncate text-faint">{facts.filter(Boolean).join(' · ')}</span>
    </>
  );
}
