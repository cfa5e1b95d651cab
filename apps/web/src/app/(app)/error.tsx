'use client';

import { ErrorState } from '@/components/error-state.tsx';
import { PageHeader } from '@/components/page-header.tsx';

export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <>
      <PageHeader title="Something broke" />
      <ErrorState title="This page could not be drawn" error={error} onRetry={reset} />
    </>
  );
}
