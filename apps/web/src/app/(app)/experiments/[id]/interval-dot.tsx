import { formatScore, formatTick } from '@/lib/format.ts';
import { isRing, modelColor, modelEdge } from '@/lib/model-colors.ts';
import { position as at, type Scale } from './interval-scale.ts';

/** Room at both ends, so that a dot at the end of the scale is whole. */
const MARGIN = 5;
const WIDTH = 108;
const HEIGHT = 16;
const MIDDLE = HEIGHT / 2;

const x = (scale: Scale, value: number) => MARGIN + at(scale, value) * (WIDTH - 2 * MARGIN);

type IntervalDotProps = {
  scale: Scale;
  value: number;
  interval: { low: number; high: number; level: number } | null;
  /** A hairline here. */
  baseline: number | null;
  /** A dashed hairline here: what the intervals are to be read against. */
  best: number | null;
  /** Of the workflow: its colour. */
  position: number;
  strong: boolean;
};

/** A value as a dot with its interval, on the scale of its column. */
export function IntervalDot({ scale, value, interval, baseline, best, position, strong }: IntervalDotProps) {
  const color = modelColor(position);
  const label = [
    `${formatScore(value)} on a scale from ${formatTick(scale.low)} to ${formatTick(scale.high)}`,
    interval &&
      `${Math.round(interval.level * 100)} % interval ${formatScore(interval.low)} to ${formatScore(interval.high)}`,
    baseline !== null && `baseline ${formatScore(baseline)}`,
    best !== null && best !== value && `best ${formatScore(best)}`,
  ]
    .filter(Boolean)
    .join('; ');
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      className="block"
    >
      {baseline !== null && (
        <line
          x1={x(scale, baseline)}
          x2={x(scale, baseline)}
          y1={0}
          y2={HEIGHT}
          stroke="var(--line-strong)"
          strokeWidth={1}
        />
      )}
      {best !== null && (
        <line
          x1={x(scale, best)}
          x2={x(scale, best)}
          y1={0}
          y2={HEIGHT}
          stroke="var(--muted)"
          strokeWidth={1}
          strokeDasharray="2 2"
        />
      )}
      {interval && (
        <line
          x1={x(scale, interval.low)}
          x2={x(scale, interval.high)}
          y1={MIDDLE}
          y2={MIDDLE}
          stroke={modelEdge(position)}
          strokeWidth={2}
          strokeLinecap="round"
          opacity={0.6}
        />
      )}
      <circle
        cx={x(scale, value)}
        cy={MIDDLE}
        r={strong ? 4.5 : 3.5}
        fill={isRing(position) ? 'var(--canvas)' : color}
        stroke={isRing(position) ? color : modelEdge(position)}
        strokeWidth={isRing(position) ? 2 : 1}
      />
    </svg>
  );
}

/** The ends of a column's scale, once, under its label. */
export function ScaleAxis({ scale }: { scale: Scale }) {
  return (
    <span className="block" style={{ width: WIDTH }}>
      <span className="flex justify-between px-[5px]">
        <span>{formatTick(scale.low)}</span>
        <span>{formatTick(scale.high)}</span>
      </span>
      <svg aria-hidden viewBox={`0 0 ${WIDTH} 5`} width={WIDTH} height={5} className="block">
        <path
          d={`M${MARGIN} 0V4.5H${WIDTH - MARGIN}V0`}
          fill="none"
          stroke="var(--line-strong)"
          strokeWidth={1}
          shapeRendering="crispEdges"
        />
      </svg>
    </span>
  );
}
