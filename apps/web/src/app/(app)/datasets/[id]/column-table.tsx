import { type Dataset, type DatasetColumn, DEFAULT_INPUT_COLUMN, DEFAULT_REFERENCE_COLUMN } from '@touchstone/schemas';
import { Count } from '@/components/number.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { formatPercent } from '@/lib/format.ts';

/** What a column can be in an experiment. */
function columnUse({ name, blank }: DatasetColumn, rowCount: number): string {
  if (blank === rowCount) return 'Neither: it is blank in every row';
  if (name === DEFAULT_INPUT_COLUMN) return 'Input, preselected';
  if (name === DEFAULT_REFERENCE_COLUMN) return 'Reference, preselected';
  return 'Input, reference or part of the prompt';
}

/** So many fit above the rows; more scroll in a box of their own. */
const SHOWN = 12;

export function ColumnTable({ dataset }: { dataset: Dataset }) {
  const isLong = dataset.columns.length > SHOWN;
  return (
    <Table
      label="Columns"
      className="max-w-3xl max-sm:min-w-[520px]"
      {...(isLong && { scroll: 'box', boxClassName: 'max-h-72 border-y' })}
    >
      <THead>
        <Tr>
          <Th>Name</Th>
          <Th numeric>Filled</Th>
          <Th numeric>Blank</Th>
          <Th>Can be</Th>
        </Tr>
      </THead>
      <TBody>
        {dataset.columns.map((column) => (
          <Tr key={column.name}>
            <Td className="min-w-28 font-mono [overflow-wrap:anywhere]">{column.name}</Td>
            <Td numeric>
              <Count value={dataset.row_count - column.blank} />
            </Td>
            <Td numeric>
              {column.blank > 0 && dataset.row_count > 0 ? (
                <span title="Rows with a blank reference get no score; rows with a blank input are not drawn.">
                  <Count value={column.blank} />{' '}
                  <span className="text-faint">({formatPercent(column.blank / dataset.row_count)})</span>
                </span>
              ) : (
                <span className="text-faint">0</span>
              )}
            </Td>
            <Td className="min-w-44 text-muted">{columnUse(column, dataset.row_count)}</Td>
          </Tr>
        ))}
      </TBody>
    </Table>
  );
}
