'use client';

import { type Dataset, DEFAULT_INPUT_COLUMN, DEFAULT_REFERENCE_COLUMN } from '@touchstone/schemas';
import { EmptyState } from '@/components/empty-state.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { Field } from '@/components/field.tsx';
import { ProgressLine } from '@/components/progress-line.tsx';
import { Select } from '@/components/select.tsx';
import { formatCount, formatCounted } from '@/lib/format.ts';
import { useUrlParams } from '@/lib/use-url-params.ts';
import { useHealth } from '../use-health.ts';
import { Finding } from './finding.tsx';

const NONE = '\u0000none';

/** Faults of the data, before anybody pays for answers to it. The columns are in the URL. */
export function Health({ dataset }: { dataset: Dataset }) {
  const names = dataset.columns.map(({ name }) => name);
  const [params, setParams] = useUrlParams();
  const known = (name: string | null) => (name !== null && names.includes(name) ? name : null);
  const input_column = known(params.get('input')) ?? known(DEFAULT_INPUT_COLUMN) ?? names[0]!;
  const asked = known(params.get('reference')) ?? (params.has('reference') ? null : known(DEFAULT_REFERENCE_COLUMN));
  const reference_column = asked === input_column ? null : asked;
  const models = params.getAll('model').slice(0, 100);
  const health = useHealth({ id: dataset.id, input_column, reference_column, models });
  return (
    <section aria-label="Health" className="max-w-3xl">
      <div className="mb-4 grid gap-4 sm:grid-cols-2">
        <Field label="Input column">
          <Select className="w-full" value={input_column} options={names} onChange={(input) => setParams({ input })} />
        </Field>
        <Field label="Reference column">
          <Select
            className="w-full"
            value={reference_column ?? NONE}
            options={[
              { value: NONE, label: 'No reference' },
              ...names.map((name) => ({ value: name, label: name, disabled: name === input_column })),
            ]}
            // A name that no column has: "reference=" would be taken away.
            onChange={(column) => setParams({ reference: column === NONE ? '-' : column })}
          />
        </Field>
      </div>
      <Findings dataset={dataset} health={health} />
    </section>
  );
}

function Findings({ dataset, health }: { dataset: Dataset; health: ReturnType<typeof useHealth> }) {
  const { data, error } = health;
  if (error) {
    return (
      <ErrorState title="The dataset could not be looked at" error={error} onRetry={() => void health.refetch()} />
    );
  }
  if (data?.state !== 'done') {
    const read = data?.rows_read ?? 0;
    return (
      <div role="status" className="space-y-2 py-6 text-muted">
        <p>
          Looking at {formatCounted(dataset.row_count, 'row')}
          {read > 0 ? `: ${formatCount(read)} read` : ''} …
        </p>
        <ProgressLine label="Rows read" rows={{ total: dataset.row_count, answered: read, failed: 0 }} />
      </div>
    );
  }
  if (data.findings.length === 0) {
    return (
      <EmptyState title="Nothing found">
        {formatCounted(data.row_count, 'row')} looked at: no duplicates, no blank or extreme texts, no broken
        characters, one language.
      </EmptyState>
    );
  }
  return (
    <ul className="divide-y border-y">
      {data.findings.map((finding) => (
        <Finding
          key={`${finding.kind} ${finding.column} ${finding.summary}`}
          dataset_id={dataset.id}
          finding={finding}
        />
      ))}
    </ul>
  );
}
