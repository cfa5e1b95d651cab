import { METRIC_FAMILIES, METRIC_GROUPS, METRIC_NAMES, METRICS, type MetricInfo } from '@touchstone/schemas';
import { PageHeader } from '@/components/page-header.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';

const BETTER: Record<MetricInfo['direction'], string> = { higher: 'Higher', lower: 'Lower', none: 'Neither' };

const rangeOf = ([low, high]: MetricInfo['range']) => (high === null ? `from ${low}` : `${low} to ${high}`);

export default function MetricsPage() {
  return (
    <>
      <PageHeader title="Metrics" />
      <p className="max-w-[72ch] pb-4 text-muted">
        What answers can be scored by. Which library and version computed a value, and with which parameters, is in its
        signature, which every result carries. In a config, {Object.keys(METRIC_GROUPS).join(', ')} stand for several.
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
    <Table label={`Metrics: ${family}`} className="table-fixed max-lg:min-w-[1040px]">
      <THead>
        <Tr>
          <Th className="w-48">Metric</Th>
          <Th>Good for, and blind to</Th>
          <Th className="w-28">Range</Th>
          <Th className="w-24">Better</Th>
          <Th className="w-48">Computed over</Th>
          <Th className="w-28">Reference</Th>
        </Tr>
      </THead>
      <TBody>
        {METRIC_NAMES.filter((name) => METRICS[name].family === family).map((name) => {
          const { label, description, range, direction, per_row, needs_reference } = METRICS[name];
          return (
            <Tr key={name} className="align-top">
              <Td>
                <span className="font-medium">{label}</span>
                <p>
                  <code className="text-faint">{name}</code>
                </p>
              </Td>
              <Td>{description}</Td>
              <Td className="whitespace-nowrap tabular-nums">{rangeOf(range)}</Td>
              <Td>{BETTER[direction]}</Td>
              <Td>{per_row ? 'Each row, then the mean' : 'All rows together'}</Td>
              <Td>{needs_reference ? 'Needed' : 'Not needed'}</Td>
            </Tr>
          );
        })}
      </TBody>
    </Table>
  );
}
