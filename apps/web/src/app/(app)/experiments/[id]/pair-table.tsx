'use client';

import {
  betterFirst,
  type Comparison,
  type MetricName,
  metricLabel,
  type PairComparison,
  type Workflow,
} from '@touchstone/schemas';
import { useState } from 'react';
import { Select } from '@/components/select.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { exact, formatCount, formatScore, NONE } from '@/lib/format.ts';
import { modelColor } from '@/lib/model-colors.ts';
import { ModelName } from '../model-name.tsx';

const MORE_THAN_MANY = 15;

const LABELS = {
  better: 'better',
  worse: 'worse',
  no_difference: 'no difference shown',
  equivalent: 'equivalent',
} as const;

type Compared = Pick<Workflow, 'id' | 'name' | 'position'>;

/** Every pair of models, or of evaluations alone, on a metric, with the numbers behind its label. */
export function PairTable({ workflows, comparison }: { workflows: readonly Compared[]; comparison: Comparison }) {
  const { primary_metric } = comparison;
  const [metric, setMetric] = useState<MetricName>(primary_metric);
  const [isWhole, setWhole] = useState(false);
  const pairs = comparison.pairs.filter((pair) => pair.metric === metric);
  const shown = isWhole ? pairs : pairs.slice(0, MORE_THAN_MANY);
  const byId = new Map(workflows.map((workflow) => [workflow.id, workflow]));
  const compared = comparison.metrics.find(({ name }) => name === metric)!;
  const { delta } = compared;
  return (
    <section aria-labelledby="pairs" className="space-y-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 id="pairs" className="font-semibold">
          Pairs
        </h2>
        <Select
          aria-label="Metric of the pairs"
          options={comparison.metrics.map(({ name, type }) => ({
            value: name,
            label: `${metricLabel({ name, type })}${name === primary_metric ? ', the main metric' : ''}`,
          }))}
          value={metric}
          onChange={setMetric}
          className="w-64"
        />
        {metric !== primary_metric && (
          <span className="text-sm text-warn">Exploratory: suggests what to look at, settles nothing.</span>
        )}
      </div>
      <Table label={`Pairs of models on ${metricLabel(compared)}`} className="max-lg:min-w-[900px]">
        <THead>
          <tr>
            <Th>Model</Th>
            <Th>Against</Th>
            <Th>Label</Th>
            <Th numeric>Difference</Th>
            <Th numeric title="All pairs' intervals hold at once with 95 %">
              Interval, all pairs
            </Th>
            <Th numeric title="For all pairs of the metric together">
              Adjusted p
            </Th>
            <Th numeric>Won · equal · lost</Th>
            <Th numeric>Rows</Th>
            <Th numeric title="The smallest difference that so many rows show with a probability of 80 %">
              Detectable
            </Th>
          </tr>
        </THead>
        <TBody>
          {shown.map(betterFirst).map((pair) => (
            <PairRow key={`${pair.a}${pair.b}`} pair={pair} a={byId.get(pair.a)} b={byId.get(pair.b)} />
          ))}
        </TBody>
      </Table>
      {pairs.length > shown.length && (
        <button type="button" className="link text-sm" onClick={() => setWhole(true)}>
          Show all {formatCount(pairs.length)} pairs
        </button>
      )}
      <p className="max-w-[100ch] text-sm text-faint">
        Test: {[...new Set(pairs.flatMap(({ test }) => test ?? []))].join('; ')}. Labels are given at an adjusted p of
        0.05, for all pairs together
        {delta !== null && `; equivalent: the difference is shown to be below ${formatScore(delta)}`}.
      </p>
    </section>
  );
}

type PairRowProps = { pair: PairComparison; a: Compared | undefined; b: Compared | undefined };

function PairRow({ pair, a, b }: PairRowProps) {
  const { label, difference, interval_simultaneous: interval, p_adjusted, wins, ties, losses, n, detectable } = pair;
  const isDecided = label === 'better' || label === 'worse';
  return (
    <Tr>
      <Td className="max-w-56">{a && <ModelName position={a.position} name={a.name} />}</Td>
      <Td className="max-w-56">{b && <ModelName position={b.position} name={b.name} />}</Td>
      <Td className={isDecided ? 'font-medium' : 'text-muted'}>
        {label ? LABELS[label] : n === 0 ? 'no row in common' : NONE}
        {pair.with_failures && pair.with_failures.label !== label && (
          <span className="block text-warn">
            {LABELS[pair.with_failures.label ?? 'no_difference']}, with failed rows as worst
          </span>
        )}
      </Td>
      <Td numeric title={exact(difference)}>
        {formatSigned(difference)}
      </Td>
      <Td numeric title={interval?.method}>
        {interval ? `${formatSigned(interval.low)} to ${formatSigned(interval.high)}` : NONE}
      </Td>
      <Td numeric title={pair.p === null ? undefined : `${exact(pair.p)} before adjusting`}>
        {p_adjusted === null ? NONE : p_adjusted < 0.0001 ? '< 0.0001' : formatScore(p_adjusted)}
      </Td>
      <Td numeric>
        {wins === null || ties === null || losses === null ? (
          NONE
        ) : (
          <span className="inline-flex items-center gap-2 whitespace-nowrap">
            {`${formatCount(wins)} · ${formatCount(ties)} · ${formatCount(losses)}`}
            <WinBar shares={[wins, ties, losses]} a={a} b={b} />
          </span>
        )}
      </Td>
      <Td numeric>{formatCount(n)}</Td>
      <Td numeric>{formatScore(detectable)}</Td>
    </Tr>
  );
}

const BAR = 64;

/** Rows won, equal and lost as parts of a line, in the colours of the two models. The numbers stand beside it. */
function WinBar({ shares, a, b }: { shares: [number, number, number] } & Pick<PairRowProps, 'a' | 'b'>) {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const colors = [a && modelColor(a.position), 'var(--line-strong)', b && modelColor(b.position)];
  const ends = [0, shares[0], shares[0] + shares[1]];
  if (total === 0) return null;
  return (
    <svg aria-hidden viewBox={`0 0 ${BAR} 8`} width={BAR} height={8}>
      {shares.map((share, i) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: three parts in a fixed order
          key={i}
          x={(ends[i]! / total) * BAR}
          width={(share / total) * BAR}
          height={8}
          fill={colors[i]}
        />
      ))}
    </svg>
  );
}

function formatSigned(value: number | null): string {
  if (value === null) return NONE;
  const text = formatScore(Math.abs(value));
  return value > 0 ? `+${text}` : value < 0 ? `−${text}` : text;
}
