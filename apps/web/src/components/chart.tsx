import type { ReactNode, Ref } from 'react';

/** Pixels. */
export const CHART_WIDTH = 800;

type ChartProps = {
  /** To be saved by ChartExport. */
  ref: Ref<SVGSVGElement>;
  /** What it shows, in words: the numbers in it too, or where they stand as a table. */
  label: string;
  height: number;
  children: ReactNode;
};

/** The frame of a chart, of one width: where there is less room it scrolls, so that its text can be read. */
export function Chart({ ref, label, height, children }: ChartProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reachable by keyboard
    <section aria-label="Chart, scrolls where it is narrow" tabIndex={0} className="overflow-x-auto">
      <svg
        ref={ref}
        role="img"
        aria-label={label}
        viewBox={`0 0 ${CHART_WIDTH} ${height}`}
        width={CHART_WIDTH}
        height={height}
        className="block"
        fontSize={13}
        fontFamily="var(--font-geist-sans), sans-serif"
        fill="var(--fg)"
      >
        {children}
      </svg>
    </section>
  );
}
