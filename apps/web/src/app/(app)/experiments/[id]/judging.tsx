import { type Experiment, isJudge, type JudgeSettings, sharedFamily, type Workflow } from '@touchstone/schemas';
import { Notice } from '@/components/notice.tsx';
import { Latency, Money } from '@/components/number.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { formatCount, NONE } from '@/lib/format.ts';
import { ModelName } from '../model-name.tsx';

/** Beside every score of a judge. */
export function NotChecked() {
  return (
    <span
      className="block whitespace-nowrap text-warn"
      title="Nobody has compared this judge’s scores with a person’s: read its reasons before you rely on it."
    >
      not checked
    </span>
  );
}

/** What judging came to: verdicts, errors and cost of each judge on each model’s answers. */
export function JudgingView({ experiment }: { experiment: Experiment }) {
  const judges = experiment.metrics.filter(isJudge);
  if (judges.length === 0) return null;
  const lines = experiment.workflows.flatMap((workflow) => workflow.judging.map((judging) => ({ workflow, judging })));
  return (
    <section aria-labelledby="judging" className="space-y-2">
      <h2 id="judging" className="font-semibold">
        Judging
      </h2>
      {judges.map((judge) => (
        <FamilyWarning key={judge.name} judge={judge} workflows={experiment.workflows} />
      ))}
      {lines.length > 0 && (
        <Table label="What judging came to" className="max-lg:min-w-[760px]">
          <THead>
            <tr>
              <Th>Model</Th>
              <Th>Judge</Th>
              <Th numeric>Scored</Th>
              <Th numeric>Judge errors</Th>
              <Th numeric>Tokens</Th>
              <Th numeric>Latency p50</Th>
              <Th numeric>Cost of judging</Th>
              <Th>Note</Th>
            </tr>
          </THead>
          <TBody>
            {lines.map(({ workflow, judging }) => (
              <Line key={`${workflow.id} ${judging.metric}`} workflow={workflow} judging={judging} />
            ))}
          </TBody>
        </Table>
      )}
    </section>
  );
}

function Line({ workflow, judging }: { workflow: Workflow; judging: Workflow['judging'][number] }) {
  const { metric, status, rows, tokens, latency_ms, cost, reason } = judging;
  const aggregate = workflow.metrics[metric];
  const errors = aggregate ? aggregate.metric_error - rows.not_run : rows.failed;
  const notes = [
    rows.not_run > 0 && `${formatCount(rows.not_run)} not judged: resume goes on.`,
    status === 'running' && `${formatCount(rows.answered + rows.failed)} of ${formatCount(rows.total)} judged`,
    reason,
  ].filter(Boolean);
  return (
    <Tr className="align-top">
      <Td className="max-w-52">
        <ModelName position={workflow.position} name={workflow.name} />
      </Td>
      <Td>{metric}</Td>
      <Td numeric>{aggregate ? `${formatCount(aggregate.scored)} of ${formatCount(aggregate.total)}` : NONE}</Td>
      <Td numeric className={errors > 0 ? 'text-danger' : undefined}>
        {formatCount(errors)}
      </Td>
      <Td numeric>{tokens ? formatCount(tokens.prompt + tokens.completion) : NONE}</Td>
      <Td numeric>{latency_ms ? <Latency ms={latency_ms.p50} /> : NONE}</Td>
      <Td numeric>
        <Money value={cost} />
      </Td>
      <Td className="max-w-96 break-words text-muted">{notes.join(' ')}</Td>
    </Tr>
  );
}

function FamilyWarning({ judge, workflows }: { judge: JudgeSettings; workflows: Workflow[] }) {
  const alike = workflows.filter(({ model }) => sharedFamily(judge.model, model) !== null);
  if (alike.length === 0) return null;
  return (
    <Notice>
      The judge {judge.name} ({judge.model.model}) is of one family with {alike.map(({ name }) => name).join(', ')}:
      judges favour answers that are like their own.
    </Notice>
  );
}
