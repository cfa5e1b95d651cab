'use client';

import type { Experiment, ExperimentComparison, TradeOff, Workflow } from '@touchstone/schemas';
import { useRef } from 'react';
import { ChartExport } from '@/components/chart-export.tsx';
import { Select } from '@/components/select.tsx';
import { formatMoney, formatMs, formatScore } from '@/lib/format.ts';
import { useUrlParams } from '@/lib/use-url-params.ts';
import { primaryMetric } from './findings.ts';
import { type Standing, standings } from './standings.ts';
import { TradeOffPlot } from './trade-off-plot.tsx';

/** A model between quality and what it takes. */
export type Point = {
  workflow: Workflow;
  value: number;
  /** Of the axis chosen. */
  price: number;
  interval: Standing['interval'];
  dominated_by: string | null;
};

const AXES = {
  cost: { label: 'Cost of 1,000 answers', unit: '$', of: ({ cost }: TradeOff) => cost, format: formatMoney },
  latency: {
    label: 'Latency, 95 % of answers within',
    unit: 'ms',
    of: ({ latency_p95 }: TradeOff) => latency_p95,
    format: formatMs,
  },
} as const;
type Axis = keyof typeof AXES;
const isAxis = (name: string | null): name is Axis => name !== null && name in AXES;

/** Quality against cost or latency. Nothing to see where fewer than two models have both. */
export function TradeOffView({ experiment, data }: { experiment: Experiment; data: ExperimentComparison }) {
  const [params, change] = useUrlParams();
  const chart = useRef<SVGSVGElement>(null);
  const known = (Object.keys(AXES) as Axis[]).filter((name) => pointsOn(name, experiment, data).length > 1);
  if (known.length === 0) return null;
  const asked = params.get('against');
  const axis = isAxis(asked) && known.includes(asked) ? asked : known[0]!;
  const points = pointsOn(axis, experiment, data);
  const metric = primaryMetric(experiment);
  const { label } = metric;
  const missing = data.trade_off.length - points.length;
  return (
    <section aria-labelledby="trade-off" className="max-w-4xl space-y-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 id="trade-off" className="font-semibold">
          {label} against
        </h2>
        <Select
          aria-label={`${label} against`}
          className="w-64"
          value={axis}
          options={known.map((name) => ({ value: name, label: AXES[name].label }))}
          onChange={(name) => change({ against: name === known[0] ? null : name })}
        />
        <span className="ml-auto">
          <ChartExport chart={chart} name={`${experiment.name}, ${label} against ${axis}`} />
        </span>
      </div>
      <TradeOffPlot
        ref={chart}
        metric={metric}
        points={points}
        axis={`${AXES[axis].label} (${AXES[axis].unit})`}
        format={AXES[axis].format}
      />
      <p className="max-w-[100ch] text-sm text-faint">
        Faint: another model is shown to be better, costs no more and is no slower. Line: where the model may lie
        against the best, by all pairs together.
        {missing > 0 && ` Not shown, because it is not known: ${missing} of ${data.trade_off.length}.`}
      </p>
      <Dominated points={points} workflows={experiment.workflows} />
    </section>
  );
}

function pointsOn(axis: Axis, experiment: Experiment, { trade_off, comparison }: ExperimentComparison): Point[] {
  const byId = new Map(experiment.workflows.map((workflow) => [workflow.id, workflow]));
  const found = comparison && standings(experiment.workflows, primaryMetric(experiment), comparison);
  return trade_off.flatMap((one) => {
    const workflow = byId.get(one.workflow_id);
    const price = AXES[axis].of(one);
    if (!workflow || price === null) return [];
    const { value, dominated_by } = one;
    return [{ workflow, value, price, interval: found?.get(workflow.id)?.interval ?? null, dominated_by }];
  });
}

function Dominated({ points, workflows }: { points: readonly Point[]; workflows: readonly Workflow[] }) {
  const nameOf = (id: string) => workflows.find((workflow) => workflow.id === id)?.name ?? '';
  const dominated = points.filter(({ dominated_by }) => dominated_by !== null);
  if (dominated.length === 0) return null;
  return (
    <ul className="text-sm text-muted">
      {dominated.map(({ workflow, value, dominated_by }) => (
        <li key={workflow.id} className="break-words">
          {workflow.name} ({formatScore(value)}) gives nothing that {nameOf(dominated_by!)} does not give better.
        </li>
      ))}
    </ul>
  );
}
