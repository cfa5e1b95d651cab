'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { describeMetric, type Job, type JobRow, type Metric } from '@touchstone/schemas';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { IconButton } from '@/components/button.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { Latency } from '@/components/number.tsx';
import { SearchInput } from '@/components/search-input.tsx';
import { Select } from '@/components/select.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { formatCount, formatScore, NONE } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { ERROR_LABELS } from '../../experiments/error-words.ts';

const PAGE = 10;

type RowSpec = Exclude<Job['spec'], { kind: 'comparison' }>;

/** What the job asked and got, row by row, a page at a time. */
export function JobRows({ job, spec }: { job: Job; spec: RowSpec }) {
  const trpc = useTRPC();
  const search = useSearchParams().get('q') ?? '';
  const [filter, setFilter] = useState<'all' | 'failed'>('all');
  const [place, setPlace] = useState({ search, filter, offset: 0 });
  // Another search or filter begins at the first row.
  const offset = place.search === search && place.filter === filter ? place.offset : 0;
  const rows = useQuery(
    trpc.jobs.rows.queryOptions(
      { id: job.id, offset, limit: PAGE, search, filter },
      { placeholderData: keepPreviousData },
    ),
  );
  const metrics = spec.kind === 'evaluation' ? spec.metrics.map(describeMetric).filter(({ per_row }) => per_row) : [];
  const matching = rows.data?.matching ?? 0;
  const last = Math.min(offset + PAGE, matching);
  const goTo = (offset: number) => setPlace({ search, filter, offset: Math.max(0, offset) });
  return (
    <section aria-labelledby="rows">
      <div className="mb-1 flex flex-wrap items-center gap-2">
        <h2 id="rows" className="mr-auto text-base font-semibold">
          Rows
        </h2>
        <SearchInput label="Search the rows" />
        {spec.kind === 'inference' && (
          <Select
            aria-label="Which rows"
            value={filter}
            onChange={setFilter}
            options={[
              { value: 'all', label: 'All rows' },
              { value: 'failed', label: 'Failed rows' },
            ]}
          />
        )}
        <span className="text-sm text-muted" role="status">
          {matching ? `${formatCount(offset + 1)}–${formatCount(last)}` : 0} of {formatCount(matching)}
        </span>
        <span className="flex">
          <IconButton
            label="Previous rows"
            icon={<ChevronLeft aria-hidden />}
            disabled={offset === 0}
            onClick={() => goTo(offset - PAGE)}
          />
          <IconButton
            label="Next rows"
            icon={<ChevronRight aria-hidden />}
            disabled={last >= matching}
            onClick={() => goTo(offset + PAGE)}
          />
        </span>
      </div>
      {rows.isError ? (
        <ErrorState title="The rows could not be read" error={rows.error} onRetry={() => rows.refetch()} />
      ) : !rows.data ? (
        <TableSkeleton rows={6} columns={4} label="Reading the rows" />
      ) : rows.data.rows.length === 0 ? (
        <p className="py-6 text-muted">{search || filter === 'failed' ? 'No row is like this.' : 'There is no row.'}</p>
      ) : (
        <RowTable spec={spec} rows={rows.data.rows} metrics={metrics} dimmed={rows.isPlaceholderData} />
      )}
    </section>
  );
}

type RowTableProps = { spec: RowSpec; rows: readonly JobRow[]; metrics: readonly Metric[]; dimmed: boolean };

function RowTable({ spec, rows, metrics, dimmed }: RowTableProps) {
  const { input_column, reference_column } = spec;
  return (
    <Table label="Rows" scroll="box" className={dimmed ? 'opacity-50' : undefined}>
      <THead>
        <Tr>
          <Th numeric className="w-px">
            Row
          </Th>
          {input_column !== null && <Th>{input_column}</Th>}
          {reference_column !== null && <Th>{reference_column}</Th>}
          <Th>Answer</Th>
          {spec.kind === 'inference' && <Th numeric>Latency</Th>}
          {metrics.map(({ name, label }) => (
            <Th key={name} numeric>
              {label}
            </Th>
          ))}
        </Tr>
      </THead>
      <TBody>
        {rows.map((row) => (
          <Tr key={row.row_id} className="align-top">
            <Td numeric className="text-faint">
              {formatCount(row.row_id)}
            </Td>
            {input_column !== null && <Text text={row.input} />}
            {reference_column !== null && <Text text={row.reference} />}
            {row.error ? (
              <Td className="max-w-96 min-w-56 break-words text-danger">
                <span className="line-clamp-3" title={row.error.message}>
                  {ERROR_LABELS[row.error.code]}: {row.error.message}
                </span>
              </Td>
            ) : (
              <Text text={row.prediction} />
            )}
            {spec.kind === 'inference' && (
              <Td numeric className="whitespace-nowrap">
                <Latency ms={row.latency_ms} />
              </Td>
            )}
            {metrics.map(({ name }) => (
              <Td key={name} numeric>
                {formatScore(row.metrics[name])}
              </Td>
            ))}
          </Tr>
        ))}
      </TBody>
    </Table>
  );
}

function Text({ text }: { text: string | null }) {
  return (
    <Td className="max-w-96 min-w-56">
      {text === null ? (
        <span className="text-faint">{NONE}</span>
      ) : (
        <div className="line-clamp-3 break-words whitespace-pre-line" title={text}>
          {text}
        </div>
      )}
    </Td>
  );
}
