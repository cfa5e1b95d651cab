'use client';

import { SERVICE_NAMES, type ServiceName, type Status } from '@touchstone/schemas';
import type { ReactNode } from 'react';
import { ErrorState } from '@/components/error-state.tsx';
import { Notice } from '@/components/notice.tsx';
import { RelativeTime } from '@/components/number.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { StateBadge } from '@/components/state-badge.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { formatCounted } from '@/lib/format.ts';
import { SERVICE_LABELS } from '@/lib/services.ts';
import { useHydrated } from '@/lib/use-hydrated.ts';
import { useStatus } from '@/lib/use-status.ts';
import { Cluster } from './cluster.tsx';
import { Section } from './section.tsx';
import { Storage } from './storage.tsx';

const PURPOSE: Record<ServiceName, string> = {
  server: 'Answers this page and drives the work',
  database: 'Postgres: holds experiments, jobs and scores',
  storage: 'Holds datasets, answers and results',
  ray: 'Runs the jobs',
  mlflow: 'Keeps a record of every run',
};

/** What Touchstone is made of: its services, its storage and the cluster. */
export function Services() {
  const status = useStatus();
  const hydrated = useHydrated();
  if (hydrated && status.data) {
    return (
      <>
        <ServicesSection>
          {status.isError && (
            <Notice tone="warn">
              The server does not answer: this is what it said{' '}
              <RelativeTime value={new Date(status.dataUpdatedAt).toISOString()} />.
            </Notice>
          )}
          <ServiceTable status={status.data} />
        </ServicesSection>
        <Storage status={status.data} />
        <Cluster status={status.data} />
      </>
    );
  }
  return (
    <ServicesSection>
      {hydrated && status.isError ? (
        <ErrorState title="The state is not known" error={status.error} onRetry={() => status.refetch()} />
      ) : (
        <TableSkeleton rows={5} columns={4} label="Loading services" />
      )}
    </ServicesSection>
  );
}

function ServicesSection({ children }: { children: ReactNode }) {
  return (
    <Section id="services" title="Services" about="What Touchstone is made of, looked at every ten seconds.">
      {children}
    </Section>
  );
}

function ServiceTable({ status }: { status: Status }) {
  return (
    <>
      <Table label="Services">
        <THead>
          <Tr>
            <Th>Service</Th>
            <Th>State</Th>
            <Th>Since</Th>
            <Th>Version</Th>
            <Th>Address</Th>
          </Tr>
        </THead>
        <TBody>
          {SERVICE_NAMES.map((name) => (
            <ServiceRow key={name} name={name} status={status} />
          ))}
        </TBody>
      </Table>
      <p className="mt-3 text-sm text-muted">
        {[`Touchstone ${status.version}`, `Node ${status.node_version}`, ...jobVersions(status)].join(' · ')}
      </p>
    </>
  );
}

function ServiceRow({ name, status }: { name: ServiceName; status: Status }) {
  const { state, since, version, detail, to_do, url } = status.services[name];
  const unsent = name === 'mlflow' ? status.records_unsent : 0;
  return (
    <Tr className="align-top">
      <Td className="min-w-48 lg:min-w-72">
        <span className="font-medium">{SERVICE_LABELS[name]}</span>
        <span className="block text-faint">{PURPOSE[name]}</span>
        {state !== 'ok' && detail && <span className="block max-w-[64ch] pt-1 whitespace-pre-line">{detail}</span>}
        {state !== 'ok' && to_do && <span className="block max-w-[64ch] pt-1 text-muted">{withCode(to_do)}</span>}
        {unsent > 0 && <span className="block pt-1 text-muted">{formatCounted(unsent, 'record')} to be sent</span>}
      </Td>
      <Td>
        <StateBadge state={state} />
      </Td>
      <Td>
        <RelativeTime value={since} />
      </Td>
      <Td className="whitespace-nowrap">{version}</Td>
      <Td className="min-w-40 break-all text-muted">
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
}

/** What stands between backticks, as code. */
function withCode(text: string): ReactNode {
  return text.split('`').map((part, i) => (i % 2 === 1 ? <code key={part}>{part}</code> : part));
}

/** What runs the jobs, as the newest result says. */
function jobVersions({ job_versions }: Status): string[] {
  const { python, touchstone_jobs } = job_versions ?? {};
  return [...(touchstone_jobs ? [`Jobs ${touchstone_jobs}`] : []), ...(python ? [`Python ${python}`] : [])];
}
