import { METRIC_FAMILIES, METRIC_GROUPS, METRIC_TYPES, METRICS, type MetricInfo } from '@touchstone/schemas';
import { PageHeader } from '@/components/page-header.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { cx } from '@/lib/cx.ts';

const BETTER: Record<MetricInfo['direction'], string> = { higher: 'Higher', lower: 'Lower', none: 'Neither' };

/** On a narrow screen the first column has it all. */
const WIDE = 'max-md:hidden';

const rangeOf = ([low, high]: MetricInfo['range']) => (high === null ? `from ${low}` : `${low} to ${high}`);

export default function MetricsPage() {
  return (
    <>
      <PageHeader title="Metrics" />
      <p className="max-w-[72ch] pb-4 text-muted">
        What answers can be scored by. Which library and version computed a value, and with which parameters, is in its
        signature, which every result carries. Checks are made in the form of an experiment, or in a config, each with
        its settings. In a config, {Object.keys(METRIC_GROUPS).join(', ')} stand for several.
      </p>
      <div className="space-y-8">
        {METRIC_FAMILIES.map((family) => (
          <section key={family} aria-labelledby={`family-${family}`}>
            <h2 id={`family-${family}`} className="pb-1 text-base font-semibold">
              {family}
            </h2>
            <MetricTable family={family} />
          </section>
        ))}
      </div>
    </>
  );
}

function MetricTable({ family }: { family: MetricInfo['family'] }) {
  return (
    <Table label={`Metrics: ${family}`} className="table-fixed md:max-lg:min-w-[1040px]">
      <THead>
        <Tr>
          <Th className="md:w-48">Metric</Th>
          <Th className={WIDE}>Good for, and blind to</Th>
          <Th className={cx(WIDE, 'w-28')}>Range</Th>
          <Th className={cx(WIDE, 'w-24')}>Better</Th>
          <Th className={cx(WIDE, 'w-48')}>Computed over</Th>
          <Th className={cx(WIDE, 'w-28')}>Reference</Th>
        </Tr>
      </THead>
      <TBody>
        {METRIC_TYPES.filter((name) => METRICS[name].family === family).map((name) => {
          const { label, description, range, direction, per_row, needs_reference } = METRICS[name];
          const over = per_row ? 'Each row, then the mean' : 'All rows together';
          const reference = needs_reference ? 'Needed' : 'Not needed';
          return (
            <Tr key={name} className="align-top">
              <Td>
                <span className="font-medium">{label}</span>
                <p>
                  <code className="text-faint">{name}</code>
                </p>
                <div className="md:hidden">
                  <p>{description}</p>
                  <p className="text-muted">
                    {rangeOf(range)} · better: {BETTER[direction].toLowerCase()} · {over.toLowerCase()} · reference:{' '}
                    {reference.toLowerCase()}
                  </p>
                </div>
              </Td>
              <Td className={WIDE}>{description}</Td>
              <Td className={cx(WIDE, 'whitespace-nowrap tabular-nums')}>{rangeOf(range)}</Td>
              <Td className={WIDE}>{BETTER[direction]}</Td>
              <Td className={WIDE}>{over}</Td>
              <Td className={WIDE}>{reference}</Td>
            </Tr>
          );
        })}
      </TBody>
    </Table>
  );
}
