/** The columns of the comparison table: what each sorts by, and what its cells show. */
import { type Comparison, type Experiment, isJudge, type Metric, type Workflow } from '@touchstone/schemas';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { Money } from '@/components/number.tsx';
import { exact, formatCount, formatMs, formatNumber, formatScore, NONE } from '@/lib/format.ts';
import { isUnderWay, leaders, referenceBaseline } from './findings.ts';
import { IntervalDot, ScaleAxis } from './interval-dot.tsx';
import { columnScale } from './interval-scale.ts';
import { NotChecked } from './judging.tsx';
import { standings } from './standings.ts';

export type Column = {
  key: string;
  label: string;
  /** More about the column, on hover. */
  description: string;
  /** Under the label: the scale that the cells share, or a unit. */
  underLabel?: ReactNode;
  /** Null sorts last. */
  sortValue: (workflow: Workflow) => number | null;
  cell: (workflow: Workflow) => ReactNode;
  /** Narrower than a column with a scale. */
  narrow?: boolean;
};

/** The main metric with what it costs beside it, then the other metrics; sentence forms of corpus metrics last. */
export function comparisonColumns(experiment: Experiment, comparison: Comparison | null): Column[] {
  const { primary_metric, metrics } = experiment;
  const primary = metrics.find(({ name }) => name === primary_metric)!;
  const others = metrics.filter((metric) => metric !== primary);
  const isSentenceForm = ({ type }: Metric) => type.startsWith('sentence_');
  const column = (metric: Metric) => metricColumn(experiment, metric, comparison);
  return [
    column(primary),
    ROWS,
    LATENCY,
    TOKENS,
    COST,
    ...others.filter((metric) => !isSentenceForm(metric)).map(column),
    ...others.filter(isSentenceForm).map(column),
  ];
}

function metricColumn(experiment: Experiment, metric: Metric, comparison: Comparison | null): Column {
  const { name, label, description, range, direction, per_row } = metric;
  const interim = isUnderWay(experiment.status);
  const places = comparison && !interim ? standings(experiment.workflows, metric, comparison) : null;
  const points = experiment.workflows.flatMap(({ id, metrics }) => {
    const aggregate = metrics[name];
    return aggregate
      ? [{ value: aggregate.value, interval: places ? (places.get(id)?.interval ?? null) : aggregate.interval }]
      : [];
  });
  const scale = columnScale(points, range);
  const best =
    interim || direction === 'none' ? [] : leaders(experiment.workflows, metric).map((workflow) => workflow.id);
  const baseline = experiment.workflows.length > 1 ? referenceBaseline(experiment) : null;
  const baselineValue = baseline?.metrics[name]?.value ?? null;
  const topValue = leaders(experiment.workflows, metric)[0]?.metrics[name]?.value ?? null;
  return {
    key: name,
    label,
    description,
    underLabel: scale && <ScaleAxis scale={scale} />,
    sortValue: (workflow) => workflow.metrics[name]?.value ?? null,
    cell: (workflow) => {
      const aggregate = workflow.metrics[name];
      if (!aggregate) return <span className="text-faint">{NONE}</span>;
      const place = places?.get(workflow.id);
      const isBest = best.includes(workflow.id) && experiment.workflows.length > 1;
      const isStrong = place ? place.standing !== 'worse' : isBest;
      const tone = isStrong ? 'font-semibold' : interim ? 'text-muted' : place ? 'text-faint' : undefined;
      return (
        <div title={describeAggregate(aggregate)}>
          <div className="flex items-baseline justify-between gap-2">
            <span className={tone}>
              {per_row ? (
                <Link href={`?tab=distributions&metric=${name}`} scroll={false} className="hover:underline">
                  {formatScore(aggregate.value)}
                </Link>
              ) : (
                formatScore(aggregate.value)
              )}
              {(isBest || place) && (
                <span className="sr-only"> ({isBest ? 'best' : STANDING_WORDS[place!.standing]})</span>
              )}
            </span>
            <Qualifier aggregate={aggregate} interim={interim} judged={isJudge(metric)} />
          </div>
          {scale && aggregate.value !== null && (
            <IntervalDot
              scale={scale}
              value={aggregate.value}
              interval={places ? (place?.interval ?? null) : aggregate.interval}
              best={places ? topValue : null}
              baseline={baselineValue}
              position={workflow.position}
              strong={isStrong}
            />
          )}
        </div>
      );
    },
  };
}

/** What strong and faint say, for who does not see them. */
const STANDING_WORDS = {
  best: 'best',
  tied: 'not shown to be worse than the best',
  worse: 'worse than the best',
} as const;

type Aggregate = NonNullable<Workflow['metrics'][string]>;

type QualifierProps = { aggregate: Aggregate; interim: boolean; judged: boolean };

/** What the value has to be read with: over how many rows, that more models are to come, that nobody has checked the judge. */
function Qualifier({ aggregate: { median, scored, total }, interim, judged }: QualifierProps) {
  return (
    <span className="flex flex-wrap justify-end gap-x-2 text-faint">
      {median !== null && <span>median {formatScore(median)}</span>}
      {scored < total && (
        <span>
          <span className="sr-only">scored: </span>
          {formatCount(scored)} of {formatCount(total)}
        </span>
      )}
      {interim && <span className="italic">interim</span>}
      {judged && <NotChecked />}
    </span>
  );
}

function describeAggregate(aggregate: Aggregate): string {
  const { value, interval, scored, total, no_reference, metric_error, not_answered, signature } = aggregate;
  const unscored = [
    not_answered > 0 && `${formatCount(not_answered)} not answered`,
    no_reference > 0 && `${formatCount(no_reference)} without a reference`,
    metric_error > 0 && `${formatCount(metric_error)} could not be scored`,
  ].filter(Boolean);
  return [
    exact(value) ?? 'No value',
    interval && `${Math.round(interval.level * 100)} % interval ${exact(interval.low)} to ${exact(interval.high)}`,
    `${formatCount(scored)} of ${formatCount(total)} rows scored${unscored.length > 0 ? ` (${unscored.join(', ')})` : ''}`,
    signature,
  ]
    .filter(Boolean)
    .join('\n');
}

/** A number with a second line under it. */
function TwoLines({ first, second }: { first: ReactNode; second?: ReactNode }) {
  return (
    <>
      <div>{first}</div>
      <div className="text-faint">{second}</div>
    </>
  );
}

const ROWS: Column = {
  key: 'rows',
  label: 'Answered',
  description: 'Rows with an answer, of all rows of the sample; below: rows that failed and that were not run.',
  narrow: true,
  sortValue: ({ rows }) => rows.answered,
  cell: ({ rows }) => (
    <TwoLines
      first={
        <>
          {formatCount(rows.answered)}
          <span className="text-faint"> of {formatCount(rows.total)}</span>
        </>
      }
      second={
        rows.failed + rows.not_run === 0 ? (
          '0 failed'
        ) : (
          <>
            {rows.failed > 0 && <span className="text-danger">{formatCount(rows.failed)} failed</span>}
            {rows.failed > 0 && rows.not_run > 0 && ', '}
            {rows.not_run > 0 && <span className="text-warn">{formatCount(rows.not_run)} not run</span>}
          </>
        )
      }
    />
  ),
};

/** Baselines take microseconds: no digits that mean nothing. */
function Milliseconds({ value }: { value: number | undefined }) {
  return <span title={exact(value, 'ms')}>{value !== undefined && value < 0.1 ? '< 0.1 ms' : formatMs(value)}</span>;
}

const LATENCY: Column = {
  key: 'latency',
  label: 'Latency p50',
  description:
    'Time the endpoint takes for one answer: half of the answers came faster (p50), 95 % came faster (p95). Of streamed answers also to the first token.',
  underLabel: 'p95 · calls at once',
  narrow: true,
  sortValue: ({ latency_ms }) => latency_ms?.p50 ?? null,
  cell: ({ latency_ms, first_token_ms, concurrency }) => (
    <TwoLines
      first={<Milliseconds value={latency_ms?.p50} />}
      second={
        latency_ms && (
          <>
            <Milliseconds value={latency_ms.p95} />
            {first_token_ms && (
              <>
                {' · first token '}
                <Milliseconds value={first_token_ms.p50} />
              </>
            )}
            {concurrency !== null && ` · ${formatCount(concurrency)}`}
          </>
        )
      }
    />
  ),
};

const TOKENS: Column = {
  key: 'tokens',
  label: 'Tokens in',
  description: 'Tokens of the prompts, and below of the answers, as the endpoint counts them. – where it does not say.',
  underLabel: 'out',
  narrow: true,
  sortValue: ({ tokens }) => tokens?.prompt ?? null,
  cell: ({ tokens }) => (
    <TwoLines
      first={<span title={exact(tokens?.prompt)}>{formatNumber(tokens?.prompt)}</span>}
      second={tokens && <span title={exact(tokens.completion)}>{formatNumber(tokens.completion)}</span>}
    />
  ),
};

const COST: Column = {
  key: 'cost',
  label: 'Cost',
  description: 'In US dollars. – where the price is not known.',
  narrow: true,
  sortValue: ({ cost }) => cost,
  cell: ({ cost }) => <Money value={cost} />,
};
