import type { JobAttempt } from '@touchstone/schemas';
import { Duration, RelativeTime } from '@/components/number.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { secondsBetween } from '@/lib/format.ts';

const OUTCOMES: Record<NonNullable<JobAttempt['outcome']>, string> = {
  result: 'Brought a result',
  died: 'Died',
  unresponsive: 'Stopped responding',
  stopped: 'Stopped',
  refused: 'Refused',
};

export function AttemptTable({ attempts }: { attempts: readonly JobAttempt[] }) {
  return (
    <section aria-labelledby="attempts">
      <h2 id="attempts" className="mb-1 text-base font-semibold">
        Attempts
      </h2>
      {attempts.length === 0 ? (
        <p className="text-muted">It has not been handed to Ray yet.</p>
      ) : (
        <Table label="Attempts">
          <THead>
            <Tr>
              <Th numeric className="w-px">
                No.
              </Th>
              <Th>Outcome</Th>
              <Th>Submitted</Th>
              <Th numeric>Took</Th>
              <Th>Message</Th>
              <Th>Ray submission</Th>
            </Tr>
          </THead>
          <TBody>
            {attempts.map((attempt) => (
              <Tr key={attempt.number} className="align-top">
                <Td numeric>{attempt.number}</Td>
                <Td className="whitespace-nowrap">{attempt.outcome ? OUTCOMES[attempt.outcome] : 'Under way'}</Td>
                <Td>
                  <RelativeTime value={attempt.submitted_at} />
                </Td>
                <Td numeric>
                  {attempt.ended_at ? (
                    <Duration seconds={secondsBetween(attempt.submitted_at, attempt.ended_at)} />
                  ) : (
                    <span className="text-faint">–</span>
                  )}
                </Td>
                <Td className="min-w-48 break-words whitespace-pre-line">{attempt.message}</Td>
                <Td className="font-mono whitespace-nowrap text-faint">{attempt.submission_id}</Td>
              </Tr>
            ))}
          </TBody>
        </Table>
      )}
    </section>
  );
}
