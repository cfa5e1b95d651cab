import type { DatasetProvenance } from '@touchstone/schemas';
import Link from 'next/link';
import { formatCounted } from '@/lib/format.ts';

/** Where the rows come from. */
export function Provenance({ provenance }: { provenance: DatasetProvenance }) {
  switch (provenance.kind) {
    case 'uploaded':
      return <>Uploaded</>;
    case 'edited':
      return (
        <>
          {formatCounted(provenance.changed_cells, 'cell')} of{' '}
          <Link className="link" href={`/datasets/${provenance.dataset_id}`}>
            v{provenance.version}
          </Link>{' '}
          edited
        </>
      );
    case 'generated':
      return (
        <>
          {provenance.filled ? (
            <>
              {formatCounted(provenance.filled.rows, 'blank cell')} of {provenance.filled.column} in{' '}
              <Link className="link" href={`/datasets/${provenance.dataset_id}`}>
                another dataset
              </Link>{' '}
              written by {provenance.model}
            </>
          ) : (
            <>
              Answers of {provenance.workflow}
              {provenance.workflow !== provenance.model && ` (${provenance.model})`}
            </>
          )}
          {provenance.experiment_id !== null && (
            <>
              {' '}
              in{' '}
              <Link className="link" href={`/experiments/${provenance.experiment_id}`}>
                {provenance.experiment}
              </Link>
            </>
          )}
          ,{' '}
          <Link className="link" href={`/jobs/${provenance.job_id}`}>
            job
          </Link>
        </>
      );
  }
}
