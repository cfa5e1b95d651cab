'use client';

import { useQueries } from '@tanstack/react-query';
import type { HealthFinding, HealthSeverity } from '@touchstone/schemas';
import { CircleAlert, CircleX, Info } from 'lucide-react';
import Link from 'next/link';
import { type ComponentType, useState } from 'react';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { cx } from '@/lib/cx.ts';
import { formatCount, formatPercent } from '@/lib/format.ts';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';
import { CLIPPED_CHARACTERS } from './preview-cell.tsx';

const LOOKS: Record<HealthSeverity, { word: string; icon: ComponentType<{ className?: string }>; color: string }> = {
  problem: { word: 'Problem', icon: CircleX, color: 'text-danger' },
  warning: { word: 'Warning', icon: CircleAlert, color: 'text-warn' },
  note: { word: 'Note', icon: Info, color: 'text-muted' },
};

type FindingProps = { dataset_id: string; finding: HealthFinding };

/** What was found, in how many rows, what it means, what to do, and where to look. */
export function Finding({ dataset_id, finding }: FindingProps) {
  const { severity, summary, share, meaning, to_do, values } = finding;
  const { word, icon: Icon, color } = LOOKS[severity];
  return (
    <li className="flex gap-3 py-4">
      <Icon aria-hidden className={cx('mt-0.5 size-4 shrink-0', color)} />
      <div className="min-w-0 flex-1 space-y-1">
        <div className="flex flex-wrap items-baseline gap-x-3">
          <h2 className="font-semibold [overflow-wrap:anywhere]">{summary}</h2>
          <span className="text-sm whitespace-nowrap text-faint">
            {word}, {formatPercent(share)} of the rows
          </span>
        </div>
        <p className="text-muted">
          {meaning} {to_do}
        </p>
        {values.length > 0 && <Values values={values} />}
        <Examples dataset_id={dataset_id} finding={finding} />
        <Texts dataset_id={dataset_id} finding={finding} />
      </div>
    </li>
  );
}

function Examples({ dataset_id, finding: { groups, rows, count } }: FindingProps) {
  if (groups.length > 0) {
    return (
      <ul className="space-y-0.5 text-sm">
        {groups.map((group) => (
          <li key={group.rows[0]}>
            Rows <RowLinks dataset_id={dataset_id} rows={group.rows} total={group.size} />
            {group.similarity !== null && (
              <span className="text-faint">, {formatPercent(group.similarity)} in common</span>
            )}
          </li>
        ))}
      </ul>
    );
  }
  if (rows.length === 0) return null;
  return (
    <p className="text-sm">
      {count === 1 ? 'Row' : 'Rows'} <RowLinks dataset_id={dataset_id} rows={rows} total={count} />
    </p>
  );
}

/** Each opens the dataset's rows from there on. */
function RowLinks({ dataset_id, rows, total }: { dataset_id: string; rows: readonly number[]; total: number }) {
  return (
    <>
      {rows.map((row, i) => (
        <span key={row}>
          {i > 0 && ', '}
          <Link className="link tabular-nums" href={`/datasets/${dataset_id}?from=${row + 1}`}>
            {formatCount(row)}
          </Link>
        </span>
      ))}
      {total > rows.length && <span className="text-faint"> and {formatCount(total - rows.length)} more</span>}
    </>
  );
}

/** Groups, and rows of each or by themselves, whose texts are shown. */
const [MOST_GROUPS, MOST_OF_GROUP, MOST_ROWS] = [3, 2, 3];

/** The first of its texts, where somebody asks for them. */
function Texts({ dataset_id, finding: { groups, rows, column, kind } }: FindingProps) {
  const trpc = useTRPC();
  const [isOpen, setIsOpen] = useState(false);
  const grouped = groups.slice(0, MOST_GROUPS).flatMap((group) => group.rows.slice(0, MOST_OF_GROUP));
  const shown = grouped.length > 0 ? grouped : rows.slice(0, MOST_ROWS);
  const texts = useQueries({
    queries: shown.map((offset) => ({
      ...trpc.datasets.preview.queryOptions({ id: dataset_id, offset, limit: 1 }),
      enabled: isOpen,
    })),
  });
  if (shown.length === 0 || kind.startsWith('blank')) return null;
  return (
    <>
      <button type="button" className="link text-sm" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        {isOpen ? 'Hide texts' : 'Show texts'}
      </button>
      {isOpen && (
        <dl className="space-y-2 border-l-2 py-1 pl-3 text-sm">
          {shown.map((row, i) => {
            const { data, error } = texts[i]!;
            const text = data?.rows[0]?.values[data.columns.indexOf(column)];
            return (
              <div key={row}>
                <dt className="text-faint tabular-nums">{formatCount(row)}</dt>
                <dd className="line-clamp-6 [overflow-wrap:anywhere] whitespace-pre-wrap">
                  {error ? errorMessage(error) : (text?.slice(0, CLIPPED_CHARACTERS) ?? '…')}
                </dd>
              </div>
            );
          })}
        </dl>
      )}
    </>
  );
}

function Values({ values }: Pick<HealthFinding, 'values'>) {
  return (
    <Table
      label="Values"
      className="my-1 max-w-md"
      {...(values.length > 8 && { scroll: 'box', boxClassName: 'max-h-56 border-y' })}
    >
      <THead>
        <Tr>
          <Th>Value</Th>
          <Th numeric>Rows</Th>
        </Tr>
      </THead>
      <TBody>
        {values.map(({ value, count }) => (
          <Tr key={value}>
            {/* Spaces at its ends are what some differ by. */}
            <Td className="whitespace-pre-wrap [overflow-wrap:anywhere]">
              {value.trim() === value ? value : `“${value}”`}
            </Td>
            <Td numeric>{formatCount(count)}</Td>
          </Tr>
        ))}
      </TBody>
    </Table>
  );
}
