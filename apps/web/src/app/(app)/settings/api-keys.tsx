'use client';

import { useQuery } from '@tanstack/react-query';
import type { ApiKey } from '@touchstone/schemas';
import { Plus } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { Button } from '@/components/button.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { ApiKeyForm } from './api-key-form.tsx';
import { ApiKeyTable } from './api-key-table.tsx';
import { RevokeApiKey } from './revoke-api-key.tsx';
import { Section } from './section.tsx';

type Open = { form: 'new' } | { form: 'revoke'; api_key: ApiKey } | null;

export function ApiKeys() {
  const trpc = useTRPC();
  const keys = useQuery(trpc.api_keys.list.queryOptions());
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <Section
      id="api-keys"
      title="API keys"
      about={
        <>
          What programs sign in with: the typed client, the command line and{' '}
          <Link href="/api" className="link">
            the REST API
          </Link>
          . A key sees no secrets and makes no other keys.
        </>
      }
      action={
        <Button icon={<Plus aria-hidden />} onClick={() => setOpen({ form: 'new' })}>
          Create API key
        </Button>
      }
    >
      {keys.isPending ? (
        <TableSkeleton rows={2} columns={6} label="Loading API keys" />
      ) : keys.isError ? (
        <ErrorState title="API keys could not be loaded" error={keys.error} onRetry={() => keys.refetch()} />
      ) : (
        <ApiKeyTable keys={keys.data} onRevoke={(api_key) => setOpen({ form: 'revoke', api_key })} />
      )}
      {open?.form === 'new' && <ApiKeyForm onClose={close} />}
      {open?.form === 'revoke' && <RevokeApiKey apiKey={open.api_key} onClose={close} />}
    </Section>
  );
}
