import type { Metric } from '@touchstone/schemas';
import type { Ref } from 'react';
import { CHART_WIDTH, Chart } from '@/components/chart.tsx';
import { formatCount, formatNumber, formatScore, formatTick } from '@/lib/format.ts';
import { isRing, modelColor, modelEdge } from '@/lib/model-colors.ts';
import type { ModelScores } from './distributions-view.tsx';

const LEFT = 176;
const RIGHT = 44;
const PLOT = CHART_WIDTH - LEFT - RIGHT;
const BARS = 56;
/** Under the bars: where the middle half lies. */
const BOX = 10;
const ROW = BARS + BOX + 14;
const AXIS = 34;

/** Longer names are cut; they are whole on hover. */
const MOST_LETTERS = 22;

type HistogramsProps = {
  ref: Ref<SVGSVGElement>;
  metric: Metric;
  edges: readonly number[];
  models: readonly ModelScores[];
};

/** A histogram a model, one under the other, on one scale across and one upwards. */
export function Histograms({ ref, metric, edges, models }: HistogramsProps) {
  const [low, high] = [edges[0]!, edges.at(-1)!];
  const x = (value: number) => LEFT + ((value - low) / (high - low)) * PLOT;
  const most = Math.max(...models.flatMap(({ counts }) => counts));
  const height = models.length * ROW + AXIS;
  return (
    <Chart
      ref={ref}
      label={`Histograms of ${metric.label}: ${models.map(describe).join('; ')}. The numbers follow as a table.`}
      height={height}
    >
      {models.map((model, row) => (
        <Histogram key={model.workflow_id} model={model} edges={edges} most={most} x={x} top={row * ROW} />
      ))}
      <Axis metric={metric} edges={edges} x={x} top={models.length * ROW} />
    </Chart>
  );
}

function describe({ workflow, quartiles, scored }: ModelScores): string {
  return quartiles === null
    ? `${workflow.name}, nothing scored`
    : `${workflow.name}, median ${formatScore(quartiles[1])}, middle half from ${formatScore(quartiles[0])} to ${formatScore(quartiles[2])}, ${formatCount(scored)} rows`;
}

type HistogramProps = {
  model: ModelScores;
  edges: readonly number[];
  /** Rows in the fullest bin of all models. */
  most: number;
  x: (value: number) => number;
  top: number;
};

function Histogram({ model, edges, most, x, top }: HistogramProps) {
  const { workflow, counts, quartiles, scored } = model;
  const { name, position } = workflow;
  const base = top + BARS + 4;
  const fill = isRing(position) ? 'none' : modelColor(position);
  return (
    <g>
      <circle
        cx={5}
        cy={top + 22}
        r={4}
        fill={fill}
        stroke={isRing(position) ? modelColor(position) : modelEdge(position)}
        strokeWidth={isRing(position) ? 2 : 1}
      />
      <text x={16} y={top + 26} fontWeight={500}>
        <title>{name}</title>
        {name.length > MOST_LETTERS ? `${name.slice(0, MOST_LETTERS - 1)}…` : name}
      </text>
      <text x={16} y={top + 44} fill="var(--muted)">
        {quartiles ? `median ${formatScore(quartiles[1])}, ` : ''}
        {formatCount(scored)} rows
      </text>
      <line x1={LEFT} x2={LEFT + PLOT} y1={base} y2={base} stroke="var(--line-strong)" />
      {counts.map((count, bin) => {
        const [left, right] = [x(edges[bin]!), x(edges[bin + 1]!)];
        const size = (count / most) * BARS;
        return (
          count > 0 && (
            <rect
              key={edges[bin]}
              x={left + 1}
              y={base - size}
              width={Math.max(1, right - left - 2)}
              height={size}
              fill={fill}
              stroke={isRing(position) ? modelColor(position) : modelEdge(position)}
              strokeWidth={isRing(position) ? 2 : 0.5}
            >
              <title>{`${formatCount(count)} rows from ${formatNumber(edges[bin])} to ${formatNumber(edges[bin + 1])}`}</title>
            </rect>
          )
        );
      })}
      {quartiles && (
        <>
          <rect
            x={x(quartiles[0])}
            y={base + 3}
            width={Math.max(1, x(quartiles[2]) - x(quartiles[0]))}
            height={4}
            rx={1}
            fill={modelEdge(position)}
            opacity={0.5}
          />
          <line
            x1={x(quartiles[1])}
            x2={x(quartiles[1])}
            y1={top + 2}
            y2={base + BOX}
            stroke="var(--fg)"
            strokeWidth={1.5}
          />
        </>
      )}
    </g>
  );
}

type AxisProps = { metric: Metric; edges: readonly number[]; x: (value: number) => number; top: number };

function Axis({ metric, edges, x, top }: AxisProps) {
  const step = Math.ceil((edges.length - 1) / 5);
  const ticks = edges.filter((_, i) => i % step === 0);
  return (
    <g fill="var(--muted)">
      {ticks.map((value) => (
        <g key={value}>
          <line x1={x(value)} x2={x(value)} y1={top - 4} y2={top} stroke="var(--line-strong)" />
          <text x={x(value)} y={top + 12} textAnchor="middle">
            {formatTick(value)}
          </text>
        </g>
      ))}
      <text x={LEFT + PLOT / 2} y={top + 30} textAnchor="middle">
        {metric.label}
      </text>
    </g>
  );
}
