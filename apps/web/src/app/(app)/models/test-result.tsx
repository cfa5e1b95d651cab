import type { EndpointTest } from '@touchstone/schemas';
import { CircleCheck, CircleX } from 'lucide-react';
import { formatMs } from '@/lib/format.ts';
import { errorMessage } from '@/lib/trpc.tsx';

/** What a test of a connection found. */
export function TestResult({ result, error }: { result: EndpointTest | undefined; error: unknown }) {
  const problem = error ? errorMessage(error) : result?.problem?.message;
  const Icon = problem ? CircleX : CircleCheck;
  const found = result?.asked === 'model' ? 'The model answers' : 'It answers with its list of models';
  return (
    <p role="status" className="flex items-start gap-1.5 pt-1">
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${problem ? 'text-danger' : 'text-ok'}`} />
      <span className="min-w-0 break-words">
        {problem ?? `${found}, in ${formatMs(result?.latency_ms)}.`}
        {result?.note && <span className="text-muted"> {result.note}</span>}
      </span>
    </p>
  );
}
