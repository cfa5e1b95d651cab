'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { type Endpoint, PROVIDERS } from '@touchstone/schemas';
import { useState } from 'react';
import { Button } from '@/components/button.tsx';
import { EmptyState } from '@/components/empty-state.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { ActionsTh, Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { formatCount, NONE } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { SecretForm } from '../settings/secret-form.tsx';
import { DeleteEndpoint } from './delete-endpoint.tsx';
import { EndpointForm } from './endpoint-form.tsx';
import { TestResult } from './test-result.tsx';

/** Which dialog is open over the list. */
type Open = { dialog: 'edit' | 'delete'; endpoint: Endpoint } | { dialog: 'key'; name: string } | null;

export function Endpoints({ onAdd }: { onAdd: () => void }) {
  const trpc = useTRPC();
  const endpoints = useQuery(trpc.endpoints.list.queryOptions());
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  if (endpoints.isPending) return <TableSkeleton rows={3} columns={5} label="Loading endpoints" />;
  if (endpoints.isError) {
    return (
      <ErrorState title="Endpoints could not be loaded" error={endpoints.error} onRetry={() => endpoints.refetch()} />
    );
  }
  if (endpoints.data.length === 0) {
    return (
      <EmptyState title="No endpoints yet" action={<Button onClick={onAdd}>Add endpoint</Button>}>
        An endpoint is where models answer: OpenAI, Mistral, a vLLM or Ollama of your own. Registered once, with its
        address, key and limit, it is chosen by its name.
      </EmptyState>
    );
  }
  return (
    <>
      <Table label="Endpoints">
        <THead>
          <Tr>
            <Th>Name</Th>
            <Th>Address</Th>
            <Th>Key</Th>
            <Th numeric>Calls at once</Th>
            <Th numeric>Experiments</Th>
            <ActionsTh />
          </Tr>
        </THead>
        <TBody>
          {endpoints.data.map((endpoint) => (
            <EndpointRow key={endpoint.name} endpoint={endpoint} onOpen={setOpen} />
          ))}
        </TBody>
      </Table>
      {open?.dialog === 'edit' && <EndpointForm endpoint={open.endpoint} onClose={close} />}
      {open?.dialog === 'delete' && <DeleteEndpoint endpoint={open.endpoint} onClose={close} />}
      {open?.dialog === 'key' && <SecretForm name={open.name} taken={[]} onClose={close} />}
    </>
  );
}

function EndpointRow({ endpoint, onOpen }: { endpoint: Endpoint; onOpen: (open: Open) => void }) {
  const trpc = useTRPC();
  const test = useMutation(trpc.endpoints.test.mutationOptions());
  const { name, base_url, provider, secret, secret_missing, concurrency, experiments } = endpoint;
  return (
    <Tr className="align-top">
      <Td className="min-w-32">
        <span className="font-medium">{name}</span>
        {provider && <p className="text-faint">{PROVIDERS[provider].label}</p>}
      </Td>
      <Td className="min-w-56">
        <code className="break-all">{base_url}</code>
        {(test.data || test.error) && <TestResult result={test.data} error={test.error} />}
      </Td>
      <Td className="min-w-32">
        {secret === null ? <span className="text-faint">None</span> : <code className="break-all">{secret}</code>}
        {secret_missing && (
          <p className="text-warn">
            Not stored.{' '}
            <button type="button" className="link" onClick={() => onOpen({ dialog: 'key', name: secret! })}>
              Add {secret}
            </button>
          </p>
        )}
      </Td>
      <Td numeric>{concurrency ?? <span className="text-faint">found by trying</span>}</Td>
      <Td numeric>{experiments > 0 ? formatCount(experiments) : NONE}</Td>
      <Td className="text-right whitespace-nowrap">
        <Button
          variant="ghost"
          aria-label={`Test ${name}`}
          loading={test.isPending}
          onClick={() => test.mutate({ base_url, secret, provider })}
        >
          Test
        </Button>
        <Button variant="ghost" aria-label={`Edit ${name}`} onClick={() => onOpen({ dialog: 'edit', endpoint })}>
          Edit
        </Button>
        <Button variant="ghost" aria-label={`Delete ${name}`} onClick={() => onOpen({ dialog: 'delete', endpoint })}>
          Delete
        </Button>
      </Td>
    </Tr>
  );
}
