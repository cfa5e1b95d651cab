import type { JobSpec } from '@touchstone/schemas';
import { ChevronRight } from 'lucide-react';

/** What the job was told to do, as it stands in storage. */
export function SpecView({ spec }: { spec: JobSpec }) {
  return (
    <details className="group">
      <summary className="flex h-8 w-fit list-none items-center gap-1 text-base font-semibold [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden className="size-4 transition-transform group-open:rotate-90" />
        Specification
      </summary>
      <pre className="mt-2 overflow-x-auto rounded-md border bg-subtle px-3 py-2 font-mono text-sm break-words whitespace-pre-wrap">
        {JSON.stringify(spec, null, 2)}
      </pre>
    </details>
  );
}
