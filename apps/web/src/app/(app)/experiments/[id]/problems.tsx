import type { Experiment, RowErrorCode, Workflow } from '@touchstone/schemas';
import Link from 'next/link';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { formatCount, formatTimeOfDay } from '@/lib/format.ts';
import { ERROR_ADVICE, ERROR_LABELS, explainFault } from '../error-words.ts';
import { ModelName } from '../model-name.tsx';
import { isUnderWay, isUnscored } from './findings.ts';

type Problem = {
  key: string;
  workflow: Workflow;
  what: string;
  rows: number | null;
  message: string | null;
  advice: string;
  fault?: string;
};

/** What went wrong, or waits, in one workflow: rows that were not run and why, then the errors of its rows. */
function problemsOf(workflow: Workflow, { confirmation }: Experiment): Problem[] {
  const { id, status, reason, next_call_at, rows, errors } = workflow;
  const problems: Problem[] = [];
  const hasErrors = Object.keys(errors).length > 0;
  // Where rows failed, the errors by kind below say more than the reason why it ended.
  if (rows.not_run > 0 || (reason !== null && (!hasErrors || isUnderWay(status)))) {
    problems.push({
      key: id,
      workflow,
      what: rows.not_run > 0 ? 'Not run' : WORKFLOW_WORDS[status],
      rows: rows.not_run > 0 ? rows.not_run : null,
      message: next_call_at ? `${reason}; next try ${formatTimeOfDay(next_call_at)}` : reason,
      advice: isUnderWay(status)
        ? confirmation
          ? 'Go on, or stop: the question is above.'
          : 'Nothing to do: it goes on by itself.'
        : rows.not_run === 0
          ? isUnscored(workflow)
            ? 'Its answers are kept and not scored. Resume scores them.'
            : ''
          : hasErrors
            ? 'What is done is kept. When the cause is mended, resume runs the rest.'
            : 'What is done is kept. Resume runs the rest.',
    });
  }
  for (const [code, error] of Object.entries(errors) as [RowErrorCode, { count: number; message: string }][]) {
    problems.push({
      key: `${id} ${code}`,
      workflow,
      what: ERROR_LABELS[code],
      rows: error.count,
      message: error.message,
      advice: ERROR_ADVICE[code],
      fault: explainFault(code),
    });
  }
  return problems;
}

const WORKFLOW_WORDS: Record<Workflow['status'], string> = {
  created: 'Waiting',
  running: 'Waiting',
  succeeded: 'Note',
  partial: 'Partial',
  failed: 'Failed',
  stopped: 'Stopped',
};

/** Errors by kind, with an example of each and what to do. */
export function Problems({ experiment }: { experiment: Experiment }) {
  const problems = experiment.workflows.flatMap((workflow) => problemsOf(workflow, experiment));
  if (problems.length === 0) return null;
  return (
    <section aria-labelledby="problems">
      <h2 id="problems" className="pb-1 font-semibold">
        {problems.every(({ workflow, fault }) => isUnderWay(workflow.status) && !fault)
          ? 'What it waits for'
          : 'What went wrong'}
      </h2>
      <Table label="Errors by model and kind" className="max-lg:min-w-[760px]">
        <THead>
          <tr>
            <Th>Model</Th>
            <Th>What</Th>
            <Th numeric>Rows</Th>
            <Th>Message</Th>
            <Th>What to do</Th>
          </tr>
        </THead>
        <TBody>
          {problems.map(({ key, workflow, what, rows, message, advice, fault }) => (
            <Tr key={key} className="align-top">
              <Td className="max-w-52">
                <ModelName position={workflow.position} name={workflow.name} />
              </Td>
              <Td className="whitespace-nowrap" title={fault}>
                {what}
              </Td>
              <Td numeric>{rows !== null && formatCount(rows)}</Td>
              <Td className="max-w-96">
                {message && (
                  <span className="line-clamp-3 break-words text-muted" title={message}>
                    {message}
                  </span>
                )}
              </Td>
              <Td className="min-w-56 max-w-96">
                {advice} <LogLink workflow={workflow} />
              </Td>
            </Tr>
          ))}
        </TBody>
      </Table>
    </section>
  );
}

function LogLink({ workflow }: { workflow: Workflow }) {
  const job = workflow.jobs.findLast(({ status }) => status === 'failed') ?? workflow.jobs.at(-1);
  if (!job) return null;
  return (
    <Link href={`/jobs/${job.id}`} className="link whitespace-nowrap">
      Log
    </Link>
  );
}
