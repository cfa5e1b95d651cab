import type { Metric } from '@touchstone/schemas';
import type { Ref } from 'react';
import { CHART_WIDTH, Chart } from '@/components/chart.tsx';
import { formatScore, formatTick } from '@/lib/format.ts';
import { isRing, modelColor, modelEdge } from '@/lib/model-colors.ts';
import { linearTicks, type PlotScale, scaleOf } from './plot-scale.ts';
import type { Point } from './trade-off.tsx';

const HEIGHT = 340;
const LEFT = 64;
const RIGHT = 150;
const TOP = 14;
const BOTTOM = 44;
const LINE = 15;
const MOST_LETTERS = 20;

type TradeOffPlotProps = {
  ref: Ref<SVGSVGElement>;
  metric: Metric;
  points: readonly Point[];
  /** What lies across, with its unit in `format`. */
  axis: string;
  format: (price: number) => string;
};

/** Models by quality upwards and price across, each with its name beside it. */
export function TradeOffPlot({ ref, metric, points, axis, format }: TradeOffPlotProps) {
  const { label, range } = metric;
  const across = scaleOf(
    points.map(({ price }) => price),
    { isFromZero: true },
  );
  const upwards = scaleOf(
    points.flatMap(({ value, interval }) => [
      value,
      Math.max(interval?.low ?? value, range[0]),
      interval?.high ?? value,
    ]),
  );
  const x = (price: number) => LEFT + at(across, price) * (CHART_WIDTH - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - at(upwards, value) * (HEIGHT - BOTTOM - TOP);
  const places = labelPlaces(points.map(({ value }) => y(value)));
  return (
    <Chart
      ref={ref}
      label={`${label} against ${axis}: ${points.map(({ workflow, value, price }) => `${workflow.name} ${formatScore(value)}, ${format(price)}`).join('; ')}.`}
      height={HEIGHT}
    >
      <g fill="var(--muted)">
        {linearTicks(upwards).map((value) => (
          <g key={value}>
            <line x1={LEFT} x2={CHART_WIDTH - RIGHT} y1={y(value)} y2={y(value)} stroke="var(--line)" />
            <text x={LEFT - 8} y={y(value) + 4} textAnchor="end">
              {formatTick(value)}
            </text>
          </g>
        ))}
        {linearTicks(across).map((price) => (
          <text key={price} x={x(price)} y={HEIGHT - BOTTOM + 18} textAnchor="middle">
            {formatTick(price)}
          </text>
        ))}
        <text x={LEFT + (CHART_WIDTH - LEFT - RIGHT) / 2} y={HEIGHT - 6} textAnchor="middle">
          {axis}
        </text>
      </g>
      <line x1={LEFT} x2={CHART_WIDTH - RIGHT} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM} stroke="var(--line-strong)" />
      {points.map((point, i) => (
        <Mark key={point.workflow.id} point={point} x={x(point.price)} y={y} labelY={places[i]!} least={upwards.low} />
      ))}
    </Chart>
  );
}

/** `least`: where the plot ends. */
type MarkProps = { point: Point; x: number; y: (value: number) => number; labelY: number; least: number };

function Mark({ point, x, y, labelY, least }: MarkProps) {
  const { workflow, value, interval, dominated_by } = point;
  const { name, position } = workflow;
  const color = modelColor(position);
  const faint = dominated_by === null ? 1 : 0.4;
  return (
    <g>
      {interval && (
        <line
          x1={x}
          x2={x}
          y1={y(Math.max(interval.low, least))}
          y2={y(interval.high)}
          stroke={modelEdge(position)}
          strokeWidth={2}
          strokeLinecap="round"
          opacity={0.6 * faint}
        />
      )}
      <circle
        cx={x}
        cy={y(value)}
        r={5}
        fill={isRing(position) ? 'var(--canvas)' : color}
        stroke={isRing(position) ? color : modelEdge(position)}
        strokeWidth={isRing(position) ? 2 : 1}
        opacity={faint}
      />
      <text x={x + 10} y={labelY + 4} fill={dominated_by === null ? 'var(--fg)' : 'var(--muted)'}>
        <title>{name}</title>
        {name.length > MOST_LETTERS ? `${name.slice(0, MOST_LETTERS - 1)}…` : name}
      </text>
    </g>
  );
}

const at = ({ low, high }: PlotScale, value: number) => (value - low) / (high - low);

/** Where the names stand, so that none lies on another: pushed down where two would. */
function labelPlaces(ys: readonly number[]): number[] {
  const places = [...ys];
  const order = ys.map((_, i) => i).sort((a, b) => ys[a]! - ys[b]!);
  for (const [rank, i] of order.entries()) {
    const above = rank > 0 ? places[order[rank - 1]!]! : Number.NEGATIVE_INFINITY;
    places[i] = Math.max(ys[i]!, above + LINE);
  }
  return places;
}
