'use client';

import type { Experiment, Metric, Row, RowAnswer, RowCell, Workflow } from '@touchstone/schemas';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { IconButton } from '@/components/button.tsx';
import { Drawer } from '@/components/drawer.tsx';
import { Latency, Money } from '@/components/number.tsx';
import { cx } from '@/lib/cx.ts';
import { exact, formatCount, formatScore, NONE } from '@/lib/format.ts';
import { ERROR_ADVICE, ERROR_LABELS } from '../error-words.ts';
import { ModelName } from '../model-name.tsx';
import { DiffText } from './diff-text.tsx';
import { isUnderWay, primaryMetric } from './findings.ts';
import { NotChecked } from './judging.tsx';
import { baseText, bestInRow, type RowsState, rowMetrics } from './rows-state.ts';

type RowDrawerProps = {
  experiment: Experiment;
  row: Row | null;
  /** What the words of the answers are compared with. */
  against: RowsState['against'];
  onClose: () => void;
  /** Null at the first row. */
  onPrevious: (() => void) | null;
  onNext: (() => void) | null;
};

/** One row in full: input, reference, every answer and every score. ← and → move to the rows beside it. */
export function RowDrawer({ experiment, row, against, onClose, onPrevious, onNext }: RowDrawerProps) {
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (row === null) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || event.shiftKey) return;
      const move = event.key === 'ArrowLeft' || event.key === 'k' ? onPrevious : null;
      const advance = event.key === 'ArrowRight' || event.key === 'j' ? onNext : null;
      const act = move ?? advance;
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [row, onPrevious, onNext]);
  const rowId = row?.row_id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row starts at its top
  useEffect(() => {
    top.current?.scrollIntoView({ block: 'start' });
  }, [rowId]);

  return (
    <Drawer
      open={row !== null}
      onOpenChange={(open) => !open && onClose()}
      title={row ? `Row ${row.row_id}` : ''}
      actions={
        <>
          <IconButton
            label="Previous row (←)"
            icon={<ChevronLeft aria-hidden />}
            disabled={!onPrevious}
            onClick={() => onPrevious?.()}
          />
          <IconButton
            label="Next row (→)"
            icon={<ChevronRight aria-hidden />}
            disabled={!onNext}
            onClick={() => onNext?.()}
          />
        </>
      }
    >
      {row && (
        <div ref={top} className="space-y-6 px-5 py-4">
          <Passage title={`Input (${experiment.input_column})`}>{row.input}</Passage>
          {experiment.reference_column !== null && (
            <Passage title={`Reference (${experiment.reference_column})`}>{row.reference || 'blank'}</Passage>
          )}
          <Scores experiment={experiment} row={row} />
          <Verdicts experiment={experiment} row={row} />
          {experiment.workflows.map((workflow) => (
            <Answers
              key={workflow.id}
              workflow={workflow}
              cell={row.cells.find(({ workflow_id }) => workflow_id === workflow.id)}
              metric={primaryMetric(experiment)}
              base={workflow.id === against ? null : baseText(row, against)}
            />
          ))}
        </div>
      )}
    </Drawer>
  );
}

function Passage({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <section>
      <h3 className="pb-1 text-sm font-medium text-muted">{title}</h3>
      <div className="break-words whitespace-pre-wrap">{children}</div>
    </section>
  );
}

type AnswersProps = {
  workflow: Workflow;
  cell: RowCell | undefined;
  /** Shown beside each of several answers. */
  metric: Metric;
  /** What their words are compared with. */
  base: string | null;
};

function Answers({ workflow, cell, metric, base }: AnswersProps) {
  const isRunning = isUnderWay(workflow.status);
  const several = cell?.repeats ?? [];
  return (
    <section className="border-t pt-3">
      <h3 className="flex items-center justify-between gap-4 pb-1 text-sm font-medium">
        <ModelName position={workflow.position} name={workflow.name} />
        {cell && several.length === 0 && <Taken answer={cell} />}
      </h3>
      {several.length === 0 ? (
        <Answer answer={cell} isRunning={isRunning} base={base} />
      ) : (
        <ol className="space-y-3">
          {several.map((answer, repeat) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: its number is what tells an answer from the others
            <li key={repeat}>
              <div className="flex items-center justify-between gap-4 text-sm text-faint">
                <span>
                  Answer {repeat + 1}
                  {answer.metrics[metric.name] !== undefined &&
                    ` · ${metric.label} ${formatScore(answer.metrics[metric.name])}`}
                </span>
                <Taken answer={answer} />
              </div>
              <Answer answer={answer} isRunning={isRunning} base={base} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

type AnswerProps = { answer: RowAnswer | undefined; isRunning: boolean; base: string | null };

/** What was answered, or why there is nothing. */
function Answer({ answer, isRunning, base }: AnswerProps) {
  return (
    <>
      {answer?.reasoning && (
        <details className="pb-2 text-sm">
          <summary className="cursor-pointer text-muted">Reasoning, not scored</summary>
          <div className="mt-1 border-l-2 pl-3 break-words whitespace-pre-wrap text-muted">{answer.reasoning}</div>
        </details>
      )}
      {answer?.error ? (
        <div className="space-y-1">
          <p className="break-words whitespace-pre-wrap text-danger">
            {ERROR_LABELS[answer.error.code]}: {answer.error.message}
          </p>
          <p className="text-sm text-muted">{ERROR_ADVICE[answer.error.code]}</p>
        </div>
      ) : !answer || answer.prediction === null ? (
        <p className="text-faint">{isRunning ? 'Not answered yet.' : 'Not run.'}</p>
      ) : answer.prediction === '' ? (
        <p className="text-faint">An empty answer.</p>
      ) : base !== null ? (
        <DiffText base={base} text={answer.prediction} className="break-words whitespace-pre-wrap" />
      ) : (
        <div className="break-words whitespace-pre-wrap">{answer.prediction}</div>
      )}
    </>
  );
}

/** What the answer took: `212 + 9 tokens · $0.0012 · 0.20 s`. */
function Taken({ answer }: { answer: RowAnswer }) {
  const {
    prompt_tokens,
    completion_tokens,
    reasoning_tokens,
    cost,
    calls,
    finish_reason,
    truncated,
    latency_ms,
    first_token_ms,
  } = answer;
  const parts: [key: string, value: ReactNode][] = [];
  if (finish_reason !== null && finish_reason !== 'stop') parts.push(['finish', `ended by ${finish_reason}`]);
  if (truncated) parts.push(['truncated', 'input cut to what the model takes']);
  if (calls !== null && calls > 1) parts.push(['calls', `${calls} calls`]);
  if (prompt_tokens !== null && completion_tokens !== null) {
    const reasoned = reasoning_tokens ? ` (${formatCount(reasoning_tokens)} reasoning)` : '';
    parts.push(['tokens', `${formatCount(prompt_tokens)} + ${formatCount(completion_tokens)} tokens${reasoned}`]);
  }
  if (cost !== null && cost > 0) parts.push(['cost', <Money key="cost" value={cost} />]);
  if (first_token_ms !== null) {
    parts.push([
      'first token',
      <>
        first token <Latency ms={first_token_ms} />
      </>,
    ]);
  }
  if (latency_ms !== null) parts.push(['latency', <Latency key="latency" ms={latency_ms} />]);
  return (
    <span className="flex flex-wrap justify-end gap-x-3 font-normal text-faint">
      {parts.map(([key, value]) => (
        <span key={key}>{value}</span>
      ))}
    </span>
  );
}

/** Models down, metrics across; the best of each metric marked. */
function Scores({ experiment, row }: { experiment: Experiment; row: Row }) {
  const metrics = rowMetrics(experiment);
  if (!row.cells.some((cell) => Object.keys(cell.metrics).length > 0)) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reachable by keyboard
    <section aria-label="Scores of this row" tabIndex={0} className="relative overflow-x-auto">
      <table aria-label="Scores of this row" className="w-full text-sm">
        <thead>
          <tr className="text-muted">
            <th scope="col" className="border-b py-1 pr-3 text-left font-medium">
              Scores
            </th>
            {metrics.map((metric) => (
              <th key={metric.name} scope="col" className="border-b px-2 py-1 text-right font-medium whitespace-nowrap">
                {metric.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {experiment.workflows.map((workflow) => (
            <tr key={workflow.id}>
              <th scope="row" className="max-w-48 py-1 pr-3 text-left font-normal">
                <ModelName position={workflow.position} name={workflow.name} />
              </th>
              {metrics.map((metric) => (
                <ScoreCell key={metric.name} row={row} workflow={workflow} metric={metric} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What judges wrote of each answer. */
function Verdicts({ experiment, row }: { experiment: Experiment; row: Row }) {
  const verdicts = experiment.workflows.flatMap((workflow) => {
    const cell = row.cells.find(({ workflow_id }) => workflow_id === workflow.id);
    const answers = cell && cell.repeats.length > 0 ? cell.repeats : cell ? [cell] : [];
    return answers.flatMap((answer, repeat) =>
      Object.entries(answer.verdicts).map(([judge, verdict]) => ({
        key: `${workflow.id} ${repeat} ${judge}`,
        workflow,
        which: answers.length > 1 ? `, answer ${repeat + 1}` : '',
        judge,
        score: answer.metrics[judge],
        ...verdict,
      })),
    );
  });
  if (verdicts.length === 0) return null;
  return (
    <section aria-label="Verdicts of judges" className="space-y-3">
      {verdicts.map(({ key, workflow, which, judge, score, reason, error }) => (
        <div key={key}>
          <h3 className="flex items-baseline justify-between gap-4 text-sm font-medium">
            <span className="flex min-w-0 items-baseline">
              <ModelName position={workflow.position} name={workflow.name} />
              <span className="text-muted">
                {which}
                {`\u00a0· ${judge} `}
                {score === undefined ? NONE : formatScore(score)}
              </span>
            </span>
            {score !== undefined && <NotChecked />}
          </h3>
          {error !== null ? (
            <p className="text-sm break-words text-danger">Judge error: {error}</p>
          ) : (
            <p className="text-sm break-words whitespace-pre-wrap text-muted">{reason}</p>
          )}
        </div>
      ))}
    </section>
  );
}

function ScoreCell({ row, workflow, metric }: { row: Row; workflow: Workflow; metric: Metric }) {
  const value = row.cells.find(({ workflow_id }) => workflow_id === workflow.id)?.metrics[metric.name];
  const isBest = bestInRow(row.cells, metric).has(workflow.id);
  return (
    <td
      className={cx('px-2 py-1 text-right', isBest ? 'font-semibold text-ok' : 'text-muted')}
      title={value === undefined ? 'Not scored' : exact(value)}
    >
      {value === undefined ? NONE : formatScore(value)}
      {isBest && <span className="sr-only"> (best)</span>}
    </td>
  );
}
