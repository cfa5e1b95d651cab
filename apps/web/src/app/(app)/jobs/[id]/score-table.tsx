import { describeMetric, type MetricAggregates, type MetricSettings } from '@touchstone/schemas';
import { Num } from '@/components/number.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { formatCount, formatScore, NONE } from '@/lib/format.ts';

const WAYS = { higher: 'higher is better', lower: 'lower is better', none: null } as const;

type ScoreTableProps = { metrics: readonly MetricSettings[]; aggregates: MetricAggregates };

/** What an evaluation found: a value with its interval for each metric, over how many rows, and how it was made. */
export function ScoreTable({ metrics, aggregates }: ScoreTableProps) {
  return (
    <section aria-labelledby="scores">
      <h2 id="scores" className="mb-1 text-base font-semibold">
        Scores
      </h2>
      <Table label="Scores" className="max-lg:min-w-[860px]">
        <THead>
          <Tr>
            <Th>Metric</Th>
            <Th numeric>Value</Th>
            <Th numeric>95 % interval</Th>
            <Th numeric>Rows scored</Th>
            <Th>Signature</Th>
          </Tr>
        </THead>
        <TBody>
          {metrics.map(describeMetric).map(({ name, label, direction, description }) => {
            const aggregate = aggregates[name];
            if (!aggregate) return null;
            const { value, interval, scored, total, signature } = aggregate;
            const way = WAYS[direction];
            return (
              <Tr key={name}>
                <Td className="whitespace-nowrap" title={description}>
                  {label}
                  {way && <span className="text-faint"> {way}</span>}
                </Td>
                <Td numeric className="font-medium">
                  <Num value={value} />
                </Td>
                <Td numeric className="whitespace-nowrap">
                  {interval ? `${formatScore(interval.low)} – ${formatScore(interval.high)}` : NONE}
                </Td>
                <Td numeric className="whitespace-nowrap">
                  {formatCount(scored)} of {formatCount(total)}
                </Td>
                <Td className="min-w-48 font-mono break-all text-faint">{signature}</Td>
              </Tr>
            );
          })}
        </TBody>
      </Table>
    </section>
  );
}
