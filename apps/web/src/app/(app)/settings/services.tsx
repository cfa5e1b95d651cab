'use client';

import { useQuery } from '@tanstack/react-query';
import { SERVICE_NAMES, type ServiceName } from '@touchstone/schemas';
import { ErrorState } from '@/components/error-state.tsx';
import { RelativeTime } from '@/components/number.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { StateBadge } from '@/components/state-badge.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { SERVICE_LABELS } from '@/lib/services.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { Section } from './section.tsx';

const PURPOSE: Record<ServiceName, string> = {
  server: 'Answers this page and drives the work',
  database: 'Holds experiments, jobs and scores',
  storage: 'Holds datasets, answers and results',
  ray: 'Runs the jobs',
  mlflow: 'Keeps a record of every run',
};

export function Services() {
  const trpc = useTRPC();
  const status = useQuery(trpc.status.get.queryOptions());
  return (
    <Section id="services" title="Services" about="What Touchstone is made of, looked at every ten seconds.">
      {status.isPending ? (
        <TableSkeleton rows={5} columns={4} label="Loading services" />
      ) : status.isError ? (
        <ErrorState title="The state is not known" error={status.error} onRetry={() => status.refetch()} />
      ) : (
        <>
          <Table label="Services">
            <THead>
              <Tr>
                <Th>Service</Th>
                <Th>State</Th>
                <Th>Since</Th>
                <Th>Detail</Th>
                <Th>Address</Th>
              </Tr>
            </THead>
            <TBody>
              {SERVICE_NAMES.map((name) => {
                const { state, since, detail, url } = status.data.services[name];
                return (
                  <Tr key={name} className="align-top">
                    <Td className="min-w-40 lg:min-w-64">
                      <span className="font-medium">{SERVICE_LABELS[name]}</span>
                      <span className="block text-faint">{PURPOSE[name]}</span>
                    </Td>
                    <Td>
                      <StateBadge state={state} />
                    </Td>
                    <Td>
                      <RelativeTime value={since} />
                    </Td>
                    <Td className="min-w-48 break-words whitespace-pre-line">{detail}</Td>
                    <Td className="break-all text-muted">
                      {name === 'mlflow' ? (
                        <a href="/mlflow" target="_blank" rel="noreferrer" className="link whitespace-nowrap">
                          Open MLflow
                        </a>
                      ) : (
                        url
                      )}
                    </Td>
                  </Tr>
                );
              })}
            </TBody>
          </Table>
          <p className="mt-3 text-sm text-muted">Touchstone {status.data.version}</p>
        </>
      )}
    </Section>
  );
}
