'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Experiment, Row, Workflow } from '@touchstone/schemas';
import { useEffect, useRef, useState } from 'react';
import { EmptyState } from '@/components/empty-state.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { cx } from '@/lib/cx.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { useUrlParams } from '@/lib/use-url-params.ts';
import { isUnderWay } from './findings.ts';
import { RowDrawer } from './row-drawer.tsx';
import { nextSort, PAGE_SIZE, type RowsState, readRowsState } from './rows-state.ts';
import { RowsTable, rowButtonId } from './rows-table.tsx';
import { RowsPager, RowsToolbar } from './rows-toolbar.tsx';
import { useClipLines } from './use-clip-lines.ts';

/** Every row of the sample with the answers of all models side by side. */
export function RowsView({ experiment }: { experiment: Experiment }) {
  const trpc = useTRPC();
  const [params, change] = useUrlParams();
  const state = readRowsState(params, experiment);
  const [lines, setLines] = useClipLines();
  const query = useQuery(
    trpc.rows.list.queryOptions(
      {
        experiment_id: experiment.id,
        offset: state.offset,
        limit: PAGE_SIZE,
        filter: state.filter,
        pair: state.filter === 'a_better' || state.filter === 'b_better' ? (state.pair ?? undefined) : undefined,
        search: state.search,
        sort: state.sort,
      },
      { placeholderData: keepPreviousData },
    ),
  );
  // Of a large experiment they take longer than a page does.
  const counts = useQuery(
    trpc.rows.counts.queryOptions(
      { experiment_id: experiment.id, search: state.search, pair: state.pair ?? undefined },
      { placeholderData: keepPreviousData, refetchInterval: isUnderWay(experiment.status) ? 2000 : false },
    ),
  );
  const { data } = query;
  const rows = data?.rows ?? [];
  const goTo = (offset: number) => change({ offset: offset > 0 ? String(offset) : null, row: null });
  const navigation = useRowNavigation(rows, state.open, {
    hasPrevious: state.offset > 0,
    hasNext: data !== undefined && state.offset + rows.length < data.matching,
    isStale: query.isPlaceholderData,
    open: (row) => change({ row: row === null ? null : String(row) }),
    turnPage: (direction) => goTo(Math.max(0, state.offset + direction * PAGE_SIZE)),
  });

  if (query.isPending)
    return <TableSkeleton rows={10} columns={experiment.workflows.length + 2} label="Loading rows" />;
  if (!data) {
    return <ErrorState title="The rows could not be loaded" error={query.error} onRetry={() => query.refetch()} />;
  }
  const pager = (label: string) => (
    <RowsPager label={label} offset={state.offset} shown={rows.length} matching={data.matching} onChange={goTo} />
  );
  return (
    <div className="flex flex-col gap-3">
      <RowsToolbar
        experiment={experiment}
        state={state}
        counts={counts.data}
        lines={lines}
        onLines={setLines}
        onChange={(changes) => change({ offset: null, row: null, ...changes })}
        pager={pager('Pages of rows')}
      />
      {!data.complete && (
        <p className="text-sm text-faint" role="status">
          {isUnderWay(experiment.status)
            ? "Still running: the newest finished rows, in the sample's order. Sorting comes when inference is over."
            : "Not all results are merged yet: the rows known so far, in the sample's order."}
        </p>
      )}
      {rows.length === 0 ? (
        <NoRows isFiltered={state.filter !== 'all' || state.search !== ''} isRunning={!data.complete} />
      ) : (
        <div className={cx(query.isPlaceholderData && 'opacity-60')}>
          <RowsTable
            experiment={experiment}
            workflows={orderColumns(experiment.workflows, state)}
            rows={rows}
            metric={state.metric}
            lines={lines}
            sort={state.sort}
            against={state.against}
            active={navigation.active}
            onActivate={navigation.activate}
            onOpen={navigation.open}
            onSort={
              state.metric && data.complete
                ? (workflowId) =>
                    change({ sort_rows: nextSort(state.sort, workflowId, state.metric!.name), offset: null })
                : undefined
            }
          />
        </div>
      )}
      {data.matching > PAGE_SIZE && rows.length > 0 && (
        <div className="flex justify-end">{pager('Pages of rows, below')}</div>
      )}
      <RowDrawer
        experiment={experiment}
        row={navigation.openRow}
        against={state.against}
        onClose={navigation.close}
        onPrevious={navigation.previous}
        onNext={navigation.next}
      />
    </div>
  );
}

/** Where one looks for failures, the models that have them come first; where one looks at two models, those. */
function orderColumns(workflows: readonly Workflow[], { filter, pair }: RowsState): readonly Workflow[] {
  if (filter === 'failed') {
    return workflows.toSorted((a, b) => b.rows.failed - a.rows.failed || a.position - b.position);
  }
  if (pair === null || (filter !== 'a_better' && filter !== 'b_better')) return workflows;
  const place = ({ id, position }: Workflow) => (id === pair.a ? -2 : id === pair.b ? -1 : position);
  return workflows.toSorted((a, b) => place(a) - place(b));
}

function NoRows({ isFiltered, isRunning }: { isFiltered: boolean; isRunning: boolean }) {
  if (isFiltered) return <EmptyState title="No row matches">Take away the filter or the search to see all.</EmptyState>;
  return (
    <EmptyState title={isRunning ? 'No row has finished yet' : 'No rows'}>
      {isRunning ? 'Rows appear here as models answer them.' : 'No row of the sample has run.'}
    </EmptyState>
  );
}

type Turning = {
  hasPrevious: boolean;
  hasNext: boolean;
  /** The rows are still those of the page before. */
  isStale: boolean;
  /** Puts a row's id into the URL; null takes it away. */
  open: (rowId: number | null) => void;
  turnPage: (direction: 1 | -1) => void;
};

/** j and k move the focus through the rows, so that Enter opens one; in the drawer ← and → move on, over pages too. */
function useRowNavigation(rows: readonly Row[], openId: number | null, turning: Turning) {
  // The `row_id` of the row that the keyboard is at.
  const [active, setActive] = useState<number | null>(null);
  // Which end of the next page to open when it is there.
  const waiting = useRef<1 | -1 | null>(null);
  const openIndex = rows.findIndex(({ row_id }) => row_id === openId);
  const kept = useRef<Row | null>(null);
  if (openIndex >= 0) kept.current = rows[openIndex]!;
  const isTurning = waiting.current !== null;
  // While a page turns, the drawer keeps the row it had.
  const openRow = openIndex >= 0 ? rows[openIndex]! : isTurning ? kept.current : null;

  const { hasPrevious, hasNext, isStale, open, turnPage } = turning;
  useEffect(() => {
    if (waiting.current === null || isStale) return;
    const row = waiting.current === 1 ? rows[0] : rows.at(-1);
    waiting.current = null;
    if (row) open(row.row_id);
  }, [rows, isStale, open]);

  const move = (direction: 1 | -1) => {
    const row = rows[openIndex + direction];
    if (row) {
      open(row.row_id);
    } else {
      waiting.current = direction;
      turnPage(direction);
    }
  };

  const drawerIsOpen = openRow !== null;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || drawerIsOpen) return;
      if ((event.target as HTMLElement).closest('input, textarea, select, [role=menu], [role=dialog]')) return;
      if (event.key !== 'j' && event.key !== 'k') return;
      const place = rows.findIndex(({ row_id }) => row_id === active);
      const next = event.key === 'j' ? place + 1 : place < 0 ? rows.length - 1 : place - 1;
      const row = rows[next];
      if (row) document.getElementById(rowButtonId(row))?.focus();
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [rows, active, drawerIsOpen]);

  return {
    active,
    activate: setActive,
    openRow,
    open: (row: Row) => open(row.row_id),
    close: () => {
      waiting.current = null;
      open(null);
    },
    previous: openIndex > 0 || (openIndex === 0 && hasPrevious) ? () => move(-1) : null,
    next: openIndex >= 0 && (openIndex < rows.length - 1 || hasNext) ? () => move(1) : null,
  };
}
