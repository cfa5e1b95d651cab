'use client';

import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/button.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { DeleteSecret } from './delete-secret.tsx';
import { SecretForm } from './secret-form.tsx';
import { SecretTable } from './secret-table.tsx';
import { Section } from './section.tsx';

/** Which dialog is open: a new secret, a new value for one, or the question before deleting one. */
type Open = { form: 'new' } | { form: 'replace'; name: string } | { form: 'delete'; name: string } | null;

export function Secrets() {
  const trpc = useTRPC();
  const secrets = useQuery(trpc.secrets.list.queryOptions());
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <Section
      id="secrets"
      title="Secrets"
      about="API keys for endpoints, by name. They are encrypted, go only to the endpoint that names them, and are never shown again."
      action={
        <Button variant="primary" icon={<Plus aria-hidden />} onClick={() => setOpen({ form: 'new' })}>
          Add secret
        </Button>
      }
    >
      {secrets.isPending ? (
        <TableSkeleton rows={2} columns={4} label="Loading secrets" />
      ) : secrets.isError ? (
        <ErrorState title="Secrets could not be loaded" error={secrets.error} onRetry={() => secrets.refetch()} />
      ) : (
        <SecretTable
          secrets={secrets.data}
          onReplace={(name) => setOpen({ form: 'replace', name })}
          onDelete={(name) => setOpen({ form: 'delete', name })}
        />
      )}
      {open?.form === 'new' && <SecretForm taken={secrets.data?.map(({ name }) => name) ?? []} onClose={close} />}
      {open?.form === 'replace' && <SecretForm replace={open.name} taken={[]} onClose={close} />}
      {open?.form === 'delete' && <DeleteSecret name={open.name} onClose={close} />}
    </Section>
  );
}
