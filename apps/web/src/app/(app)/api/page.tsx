'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { ErrorState } from '@/components/error-state.tsx';
import { PageHeader } from '@/components/page-header.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { OPENAPI, readDocument } from './document.ts';
import { Reference } from './reference.tsx';

export default function ApiPage() {
  const document = useQuery({ queryKey: ['openapi'], queryFn: readDocument, staleTime: Number.POSITIVE_INFINITY });
  return (
    <>
      <PageHeader
        title="REST API"
        breadcrumb={[{ label: 'Settings', href: '/settings' }]}
        meta={
          <a href={OPENAPI} className="link" download="touchstone-openapi.json">
            OpenAPI 3.1 document
          </a>
        }
      />
      <div className="max-w-4xl">
        <p className="max-w-[72ch] text-muted">
          Everything the pages do, for programs. Send{' '}
          <Link href="/settings#api-keys" className="link">
            an API key
          </Link>{' '}
          with each request: <code className="font-mono text-sm text-fg">Authorization: Bearer tsk_…</code>. A list is
          read page by page: <code className="font-mono text-sm text-fg">cursor</code> is the{' '}
          <code className="font-mono text-sm text-fg">next_cursor</code> of the page before. What goes wrong is{' '}
          <code className="font-mono text-sm text-fg">{'{"error": {"code", "message"}}'}</code>; the message says what
          to do.
        </p>
        {document.isPending ? (
          <TableSkeleton rows={12} columns={3} label="Loading the description of the API" />
        ) : document.isError ? (
          <ErrorState
            title="The description of the API could not be loaded"
            error={document.error}
            onRetry={() => document.refetch()}
          />
        ) : (
          <Reference document={document.data} />
        )}
      </div>
    </>
  );
}
