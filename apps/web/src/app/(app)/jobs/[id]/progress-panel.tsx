'use client';

import { type ErrorCounts, type Job, ROW_ERRORS, type RowCounts, type RowErrorCode } from '@touchstone/schemas';
import { DefinitionList } from '@/components/definition-list.tsx';
import { Count, Latency, Money, Num, useNow } from '@/components/number.tsx';
import { ProgressLine } from '@/components/progress-line.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { formatDuration, formatElapsed, NONE, secondsBetween } from '@/lib/format.ts';
import { ERROR_ADVICE, ERROR_LABELS } from '../../experiments/error-words.ts';
import { isOver } from '../kinds.ts';

const STAGES = {
  starting: 'Starting',
  inference: 'Calling the model',
  folding: 'Collecting answers',
  evaluation: 'Scoring',
  comparison: 'Comparing',
  done: 'Done',
} as const;

/** How far the job is and how fast; its errors by kind. */
export function ProgressPanel({ job }: { job: Job }) {
  const over = isOver(job.status);
  const now = useNow(over || !job.started_at ? null : 1000);
  const { progress } = job;
  const seconds = secondsBetween(job.started_at, job.finished_at, now);
  const took = over ? formatDuration(seconds) : formatElapsed(seconds);
  if (!progress) {
    return (
      <section aria-label="Progress" className="text-muted">
        {over
          ? `It ended after ${took} without having reported any progress.`
          : 'Progress shows as soon as it reports.'}
      </section>
    );
  }
  const { rows, tokens, latency_ms, first_token_ms } = progress;
  return (
    <section aria-label="Progress" className="flex flex-col gap-4">
      <ProgressLine label="Progress" rows={rows} active={!over} />
      <DefinitionList
        items={[
          { term: 'Stage', value: over ? 'Over' : STAGES[progress.stage] },
          { term: 'Rows', value: <Count value={rows.total} /> },
          ...(job.kind === 'comparison' ? [] : rowFacts(job.kind, rows)),
          { term: over ? 'Took' : 'Elapsed', value: took },
          ...(over || job.kind === 'comparison'
            ? []
            : [{ term: 'Rate', value: <Num value={progress.rows_per_second} unit="rows/s" /> }]),
          ...(job.spec.kind === 'inference'
            ? [
                {
                  term: 'Latency p50, p95',
                  value: latency_ms ? (
                    <>
                      <Latency ms={latency_ms.p50} />, <Latency ms={latency_ms.p95} />
                    </>
                  ) : (
                    NONE
                  ),
                },
                ...(first_token_ms
                  ? [
                      {
                        term: 'First token p50, p95',
                        value: (
                          <>
                            <Latency ms={first_token_ms.p50} />, <Latency ms={first_token_ms.p95} />
                          </>
                        ),
                      },
                    ]
                  : []),
                ...(over ? [] : [{ term: 'Calls at once', value: <Count value={progress.concurrency} /> }]),
                {
                  term: 'Tokens in, out',
                  value: tokens ? (
                    <>
                      <Count value={tokens.prompt} />, <Count value={tokens.completion} />
                    </>
                  ) : (
                    NONE
                  ),
                },
                { term: 'Cost', value: <Money value={progress.cost} /> },
              ]
            : []),
        ]}
      />
      <ErrorTable errors={progress.errors} />
    </section>
  );
}

/** What became of the rows; a comparison takes all at once. */
function rowFacts(kind: Job['kind'], { answered, failed, not_run, pending }: RowCounts) {
  return [
    { term: kind === 'evaluation' ? 'Scored' : 'Answered', value: <Count value={answered} /> },
    {
      term: 'Failed',
      value: (
        <span className={failed ? 'text-danger' : undefined}>
          <Count value={failed} />
        </span>
      ),
    },
    { term: 'Not run', value: <Count value={not_run} /> },
    { term: 'Pending', value: <Count value={pending} /> },
  ];
}

const FAULT = { infrastructure: 'The way to the model', caller: 'This configuration', model: 'The model' } as const;

function ErrorTable({ errors }: { errors: ErrorCounts }) {
  const kinds = (Object.entries(errors) as [RowErrorCode, { count: number; message: string }][]).filter(
    ([, error]) => error.count > 0,
  );
  if (kinds.length === 0) return null;
  return (
    <Table label="Errors" className="max-lg:min-w-[760px]">
      <THead>
        <Tr>
          <Th>Error</Th>
          <Th numeric>Rows</Th>
          <Th>Lies with</Th>
          <Th>Example</Th>
          <Th>What to do</Th>
        </Tr>
      </THead>
      <TBody>
        {kinds.map(([code, { count, message }]) => (
          <Tr key={code} className="align-top">
            <Td className="whitespace-nowrap" title={code}>
              {ERROR_LABELS[code]}
            </Td>
            <Td numeric>
              <Count value={count} />
            </Td>
            <Td className="whitespace-nowrap text-muted">{FAULT[ROW_ERRORS[code]]}</Td>
            <Td className="min-w-64 break-words text-muted">{message}</Td>
            <Td className="min-w-56">{ERROR_ADVICE[code]}</Td>
          </Tr>
        ))}
      </TBody>
    </Table>
  );
}
