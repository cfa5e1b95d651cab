'use client';

import { isBaseline, type ModelRef } from '@touchstone/schemas';
import Link from 'next/link';
import { useHealth } from '../../datasets/use-health.ts';

type HealthLineProps = {
  dataset_id: string;
  input_column: string;
  reference_column: string | null;
  models: readonly ModelRef[];
};

/** What is wrong with the data, in a line that stops nobody. */
export function HealthLine({ dataset_id, input_column, reference_column, models }: HealthLineProps) {
  const names = models.map((model) => (typeof model === 'string' ? model : model.model));
  const called = [...new Set(names)].filter((name) => name !== '' && !isBaseline(name)).slice(0, 100);
  const { data, isError } = useHealth({ id: dataset_id, input_column, reference_column, models: called });
  if (isError) return null;
  const page = new URLSearchParams({ tab: 'health', input: input_column, reference: reference_column ?? '-' });
  for (const name of called) page.append('model', name);
  return (
    <p className="text-sm text-muted" role="status">
      {data?.state === 'done' ? (
        <>
          {data.summary}{' '}
          <Link className="link" href={`/datasets/${dataset_id}?${page}`}>
            Health of the data
          </Link>
        </>
      ) : (
        'Looking for faults in the data …'
      )}
    </p>
  );
}
